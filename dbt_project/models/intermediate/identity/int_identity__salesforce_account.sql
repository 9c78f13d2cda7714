{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

-- An account that was merged away says that it is the one it was merged into.
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
        case when master_account_id is not null then 'salesforce' end as explicit_source,
        case when master_account_id is not null then 'Account' end as explicit_object,
        master_account_id as explicit_id,
        parent_account_id as parent_source_id,
        created_at,
        deleted_at
    from accounts
)

select * from final
