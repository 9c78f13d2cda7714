{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

with deals as (
    select * from {{ ref('stg_hubspot__deal') }}
),

stages as (
    select * from {{ ref('stg_hubspot__deal_stage') }}
),

owners as (
    select * from {{ ref('stg_hubspot__owner') }}
),

final as (
    select
        'hubspot' as source,
        deals.deal_id as deal_source_id,
        'company' as account_source_object,
        deals.company_id as account_source_id,
        deals.deal_name,
        deals.deal_type,
        coalesce(stages.stage, deals.stage_id) as stage,
        deals.amount,
        deals.currency,
        deals.close_date,
        coalesce(stages.is_closed, false) as is_closed,
        coalesce(stages.is_closed and stages.is_won, false) as is_won,
        owners.email as owner_email,
        deals.created_at,
        deals.deleted_at
    from deals
    left outer join stages
        on
            deals.stage_id = stages.stage_id
            and coalesce(deals.pipeline_id, stages.pipeline_id) = stages.pipeline_id
    left outer join owners
        on deals.owner_id = owners.owner_id
)

select * from final
