{{ config(enabled=source_enabled('pipedrive'), materialized='view') }}

-- Pipedrive forgets organisations that were merged away, and has no parents.
with accounts as (
    select * from {{ ref('int_account__pipedrive') }}
),

final as (
    select
        source,
        source_object,
        source_id,
        account_name,
        domain,
        cast(null as {{ data_type('text') }}) as explicit_source,
        cast(null as {{ data_type('text') }}) as explicit_object,
        cast(null as {{ data_type('text') }}) as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        created_at,
        deleted_at
    from accounts
)

select * from final
