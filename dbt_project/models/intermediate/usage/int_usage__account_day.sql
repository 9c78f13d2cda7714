-- Rolling usage of an account on each day of its calendar. "Distinct users in the last 28 days"
-- is a running sum: a user counts from an active day until 28 days later or the next active day.
-- Where several tools see an account on one day, the best of them counts: their events and people
-- are the same ones, seen twice. A tool that names nobody brings its own count of people.
with calendar as (
    select
        account_id,
        as_of_date
    from {{ ref('int_account__calendar') }}
),

ranked as (
    select
        fct_usage_daily.*,
        rank() over (
            partition by fct_usage_daily.account_id, fct_usage_daily.usage_date
            order by {{ rank_of_source('fct_usage_daily.source', 'usage') }}
        ) as source_place
    from {{ ref('fct_usage_daily') }} as fct_usage_daily
    where {{ is_asked_for('fct_usage_daily.account_id') }}
),

usage_daily as (
    select *
    from ranked
    where source_place = 1
),

counted_by_tool as (
    select * from {{ ref('int_usage__active_users') }}
),

calendar_start as (
    select
        account_id,
        min(as_of_date) as start_date
    from calendar
    group by account_id
),

daily as (
    select
        usage_daily.account_id,
        usage_daily.usage_date,
        sum(usage_daily.events) as events,
        sum(case when arrival_event.event_name is not null then usage_daily.events else 0 end)
            as arrivals
    from usage_daily
    left outer join {{ ref('arrival_event') }} as arrival_event
        on lower(usage_daily.event_name) = arrival_event.event_name
    group by usage_daily.account_id, usage_daily.usage_date
),

{{ rolling_distinct('users_28', 'user_id', 28) }},

{{ rolling_distinct('users_7', 'user_id', 7) }},

{{ rolling_distinct('types_28', 'event_name', 28) }},

joined as (
    select
        calendar.account_id,
        calendar.as_of_date,
        coalesce(daily.events, 0) as events,
        coalesce(daily.arrivals, 0) as arrivals,
        coalesce(users_28.change, 0) as users_28_change,
        coalesce(users_7.change, 0) as users_7_change,
        coalesce(types_28.change, 0) as types_28_change,
        coalesce(counted_by_tool.active_users_28d, 0) as counted_users_28,
        coalesce(counted_by_tool.active_users_7d, 0) as counted_users_7
    from calendar
    left outer join daily
        on calendar.account_id = daily.account_id and calendar.as_of_date = daily.usage_date
    left outer join users_28
        on calendar.account_id = users_28.account_id and calendar.as_of_date = users_28.change_date
    left outer join users_7
        on calendar.account_id = users_7.account_id and calendar.as_of_date = users_7.change_date
    left outer join types_28
        on calendar.account_id = types_28.account_id and calendar.as_of_date = types_28.change_date
    left outer join counted_by_tool
        on
            calendar.account_id = counted_by_tool.account_id
            and calendar.as_of_date = counted_by_tool.usage_date
),

rolled as (
    select
        account_id,
        as_of_date,
        sum(events) over last_28 as events_28d,
        sum(events) over last_90 as events_90d,
        sum(arrivals) over last_90 as arrivals_90d,
        sum(case when events > 0 then 1 else 0 end) over last_28 as active_days_28d,
        coalesce(nullif(sum(users_28_change) over until_now, 0), counted_users_28)
            as active_users_28d,
        coalesce(nullif(sum(users_7_change) over until_now, 0), counted_users_7)
            as active_users_7d,
        sum(types_28_change) over until_now as event_types_28d,
        max(case when events > 0 then as_of_date end) over until_now as last_event_date
    from joined
    window
        until_now as (
            partition by account_id order by as_of_date
            rows between unbounded preceding and current row
        ),
        last_28 as (
            partition by account_id order by as_of_date rows between 27 preceding and current row
        ),
        last_90 as (
            partition by account_id order by as_of_date rows between 89 preceding and current row
        )
),

final as (
    select
        account_id,
        as_of_date,
        cast(events_28d as bigint) as events_28d,
        cast(events_90d as bigint) as events_90d,
        round(1 - cast(arrivals_90d as numeric) / nullif(events_90d, 0), 6) as usage_depth_90d,
        cast(active_days_28d as integer) as active_days_28d,
        cast(active_users_28d as integer) as active_users_28d,
        cast(active_users_7d as integer) as active_users_7d,
        cast(event_types_28d as integer) as event_types_28d,
        cast(
            lag(events_28d, 28, 0) over (partition by account_id order by as_of_date) as bigint
        ) as events_prev_28d,
        cast(
            lag(active_users_28d, 28, 0) over (partition by account_id order by as_of_date)
            as integer
        ) as active_users_prev_28d,
        {{ days_between('last_event_date', 'as_of_date') }} as days_since_last_event
    from rolled
)

select * from final
