-- What is used in 28 days of each limited kind of event, against the limit of the plan that an
-- account has: a row for each date, product and limit in the seed `plan_limit`.
with steps as (
    select * from {{ ref('ftr_account_product_step') }}
),

limits as (
    select * from {{ ref('plan_limit') }}
    where events_28d > 0
),

limited_events as (
    select event_name
    from limits
    group by event_name
),

by_source as (
    select
        usage_daily.account_id,
        usage_daily.usage_date,
        usage_daily.event_name,
        usage_daily.source,
        sum(usage_daily.events) as events
    from {{ ref('fct_usage_daily') }} as usage_daily
    inner join limited_events on usage_daily.event_name = limited_events.event_name
    group by
        usage_daily.account_id, usage_daily.usage_date, usage_daily.event_name,
        usage_daily.source
),

-- Two tools that see the same events see them twice: the one that sees more of them counts.
daily as (
    select
        account_id,
        usage_date,
        event_name,
        max(events) as events
    from by_source
    group by account_id, usage_date, event_name
),

limited as (
    select
        steps.account_id,
        steps.as_of_date,
        steps.product,
        steps.gain_mrr,
        limits.event_name,
        limits.events_28d as allowed
    from steps
    inner join limits
        on
            steps.product = limits.product
            and (limits.plan is null or steps.plan = limits.plan)
),

final as (
    select
        limited.account_id,
        limited.as_of_date,
        limited.product,
        limited.event_name,
        limited.gain_mrr,
        cast(coalesce(sum(daily.events), 0) as numeric) as used,
        cast(limited.allowed as numeric) as allowed
    from limited
    left outer join daily
        on
            limited.account_id = daily.account_id
            and limited.event_name = daily.event_name
            and limited.as_of_date >= daily.usage_date
            and {{ add_days('limited.as_of_date', '-28') }} < daily.usage_date
    group by
        limited.account_id, limited.as_of_date, limited.product, limited.event_name,
        limited.gain_mrr, limited.allowed
)

select * from final
