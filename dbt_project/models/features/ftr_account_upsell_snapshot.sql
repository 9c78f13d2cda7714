-- What a customer may buy more of at a date, how full it is, and whether it does in the horizon:
-- seats where they are counted, a dearer plan where others have one, usage where a limit is known.
with snapshots as (
    select
        account_id,
        as_of_date,
        seats,
        active_users_28d,
        event_types_28d
    from {{ ref('ftr_account_snapshot') }}
    where is_customer
),

steps as (
    select
        account_id,
        as_of_date,
        max(next_plan_mrr) as next_plan_mrr,
        sum(seats_gain_mrr) as seats_gain_mrr,
        sum(plan_gain_mrr) as plan_gain_mrr
    from {{ ref('ftr_account_product_step') }}
    group by account_id, as_of_date
),

-- The limit that is nearest.
limits as (
    select
        *,
        row_number() over (
            partition by account_id, as_of_date
            order by used / allowed desc, product asc, event_name asc
        ) as place
    from {{ ref('ftr_account_usage_limit') }}
),

kinds as (
    select
        event_name,
        min(usage_date) as first_used_on
    from {{ ref('fct_usage_daily') }}
    group by event_name
),

dates as (
    select as_of_date
    from snapshots
    group by as_of_date
),

kinds_by_date as (
    select
        dates.as_of_date,
        count(*) as kinds
    from dates
    inner join kinds on dates.as_of_date >= kinds.first_used_on
    group by dates.as_of_date
),

levers as (
    select
        snapshots.account_id,
        snapshots.as_of_date,
        'seats' as product,
        snapshots.active_users_28d as used,
        snapshots.seats as allowed,
        null as unit,
        null as step_mrr,
        steps.seats_gain_mrr as bought_mrr
    from snapshots
    inner join steps
        on snapshots.account_id = steps.account_id and snapshots.as_of_date = steps.as_of_date
    where snapshots.seats > 0
    union all
    select
        snapshots.account_id,
        snapshots.as_of_date,
        'plan' as product,
        snapshots.event_types_28d as used,
        kinds_by_date.kinds as allowed,
        null as unit,
        steps.next_plan_mrr as step_mrr,
        steps.plan_gain_mrr as bought_mrr
    from snapshots
    inner join steps
        on snapshots.account_id = steps.account_id and snapshots.as_of_date = steps.as_of_date
    left outer join kinds_by_date on snapshots.as_of_date = kinds_by_date.as_of_date
    where steps.next_plan_mrr > 0
    union all
    select
        account_id,
        as_of_date,
        'usage' as product,
        used,
        allowed,
        event_name as unit,
        null as step_mrr,
        gain_mrr as bought_mrr
    from limits
    where place = 1
),

final as (
    select
        account_id,
        as_of_date,
        cast(product as {{ dbt.type_string() }}) as product,
        {{ add_days('as_of_date', var('horizon_days')) }} <= {{ as_of() }} as is_known,
        bought_mrr > 0 as is_bought,
        cast(bought_mrr as numeric) as bought_mrr,
        cast(used as numeric) as used,
        cast(allowed as numeric) as allowed,
        cast(unit as {{ dbt.type_string() }}) as unit,
        cast(step_mrr as numeric) as step_mrr,
        round(cast(used as numeric) / nullif(allowed, 0), 6) as fullness
    from levers
)

select * from final
