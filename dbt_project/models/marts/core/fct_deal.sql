-- In a run for a past date a deal has the stage of then, where that is known; one whose stage
-- has changed since was not closed yet.
{% set has_stage_of_then = "coalesce(stages.stage, deals.stage, '') = coalesce(deals.stage, '')" %}

with deals as (
    select * from {{ ref('int_deal') }}
),

stages as (
    select
        deal_id,
        stage
    from {{ ref('int_deal__stage_history') }}
    where {{ held_at_past_run() }}
),

final as (
    select
        deals.deal_id,
        deals.account_id,
        deals.source,
        deals.deal_source_id as source_deal_id,
        deals.deal_name,
        deals.deal_type,
        coalesce(stages.stage, deals.stage) as stage,
        cast(deals.amount as numeric) as amount,
        deals.currency,
        deals.close_date,
        deals.is_closed and {{ has_stage_of_then }} as is_closed,
        deals.is_won and {{ has_stage_of_then }} as is_won,
        deals.owner_email,
        deals.created_at
    from deals
    left outer join stages on deals.deal_id = stages.deal_id
    where
        coalesce({{ date_in_reporting_tz('deals.deleted_at') }} > {{ as_of() }}, true)
        and {{ date_in_reporting_tz('deals.created_at') }} <= {{ as_of() }}
)

select * from final
