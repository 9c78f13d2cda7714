{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

-- The owner of a company in the CRM is its customer success manager.
with companies as (
    select * from {{ ref('stg_hubspot__company') }}
),

owners as (
    select * from {{ ref('stg_hubspot__owner') }}
),

final as (
    select
        'hubspot' as source,
        'company' as source_object,
        companies.company_id as source_id,
        companies.company_name as account_name,
        companies.domain,
        companies.segment,
        companies.industry,
        companies.country,
        owners.full_name as csm_name,
        owners.email as csm_email,
        companies.owner_id,
        companies.created_at,
        companies.deleted_at
    from companies
    left outer join owners
        on companies.owner_id = owners.owner_id
)

select * from final
