{{ config(enabled=source_enabled('pipedrive'), materialized='view') }}

with deals as (
    select * from {{ ref('stg_pipedrive__deal') }}
),

stages as (
    select * from {{ ref('stg_pipedrive__stage') }}
),

owners as (
    select * from {{ ref('stg_pipedrive__user') }}
),

final as (
    select
        'pipedrive' as source,
        deals.deal_id as deal_source_id,
        'organization' as account_source_object,
        deals.organization_id as account_source_id,
        deals.deal_name,
        cast(null as {{ data_type('text') }}) as deal_type,
        stages.stage,
        deals.amount,
        deals.currency,
        deals.close_date,
        coalesce(deals.status in ('won', 'lost'), false) as is_closed,
        coalesce(deals.status = 'won', false) as is_won,
        owners.email as owner_email,
        deals.created_at,
        deals.deleted_at
    from deals
    left outer join stages
        on deals.stage_id = stages.stage_id
    left outer join owners
        on deals.owner_id = owners.user_id
)

select * from final
