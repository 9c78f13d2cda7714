{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

with opportunities as (
    select * from {{ ref('stg_salesforce__opportunity') }}
),

owners as (
    select * from {{ ref('stg_salesforce__user') }}
),

final as (
    select
        'salesforce' as source,
        opportunities.opportunity_id as deal_source_id,
        'Account' as account_source_object,
        opportunities.account_id as account_source_id,
        opportunities.opportunity_name as deal_name,
        opportunities.opportunity_type as deal_type,
        opportunities.stage,
        opportunities.amount,
        opportunities.currency,
        opportunities.close_date,
        opportunities.is_closed,
        opportunities.is_won,
        owners.email as owner_email,
        opportunities.created_at,
        opportunities.deleted_at
    from opportunities
    left outer join owners
        on opportunities.owner_id = owners.user_id
)

select * from final
