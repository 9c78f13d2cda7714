{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_salesforce__account') }}
),

final as (
    select
        'salesforce' as source,
        'Account' as source_object,
        account_id as source_id,
        account_name,
        domain,
        cast(null as {{ data_type('text') }}) as explicit_source,
        cast(null as {{ data_type('text') }}) as explicit_object,
        cast(null as {{ data_type('text') }}) as explicit_id,
        parent_account_id as parent_source_id,
        created_at,
        deleted_at
    from accounts
)

select * from final
