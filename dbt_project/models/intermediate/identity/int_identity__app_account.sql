{{ config(enabled=source_enabled('app'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_app__account') }}
),

final as (
    select
        'app' as source,
        'account' as source_object,
        account_id as source_id,
        account_name,
        domain,
        cast(null as {{ data_type('text') }}) as explicit_source,
        cast(null as {{ data_type('text') }}) as explicit_object,
        cast(null as {{ data_type('text') }}) as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        created_at,
        cast(null as {{ data_type('timestamp') }}) as deleted_at
    from accounts
)

select * from final
