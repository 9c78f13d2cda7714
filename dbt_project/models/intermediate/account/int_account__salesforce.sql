{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

-- The owner of an account in the CRM is its customer success manager.
with accounts as (
    select * from {{ ref('stg_salesforce__account') }}
),

owners as (
    select * from {{ ref('stg_salesforce__user') }}
),

final as (
    select
        'salesforce' as source,
        'Account' as source_object,
        accounts.account_id as source_id,
        accounts.account_name,
        accounts.domain,
        accounts.segment,
        accounts.industry,
        accounts.country,
        owners.full_name as csm_name,
        owners.email as csm_email,
        accounts.owner_id,
        accounts.created_at,
        accounts.deleted_at
    from accounts
    left outer join owners
        on accounts.owner_id = owners.user_id
)

select * from final
