-- Use in windows of seven days that end on the report's date, so that the last one is whole.
with usage as (
    select
        account_id,
        user_id,
        usage_date,
        events
    from {{ ref('fct_usage_daily') }}
    where
        usage_date <= {{ as_of() }}
        and usage_date > {{ add_days(as_of(), -364) }}
),

numbered as (
    select
        account_id,
        user_id,
        events,
        cast(floor({{ days_between('usage_date', as_of()) }} / 7) as integer) as weeks_back
    from usage
),

weekly as (
    select
        account_id,
        weeks_back,
        count(distinct user_id) as active_users,
        sum(events) as events
    from numbered
    group by account_id, weeks_back
),

week as (
    select weeks_back
    from weekly
    group by weeks_back
),

first_seen as (
    select
        account_id,
        max(weeks_back) as oldest_week
    from weekly
    group by account_id
),

weeks as (
    select
        first_seen.account_id || '-' || cast(week.weeks_back as varchar) as account_week_id,
        first_seen.account_id,
        {{ add_days(as_of(), '-7 * week.weeks_back') }} as week_ending,
        coalesce(weekly.active_users, 0) as active_users,
        cast(coalesce(weekly.events, 0) as bigint) as events
    from first_seen
    inner join week on first_seen.oldest_week >= week.weeks_back
    left outer join weekly
        on first_seen.account_id = weekly.account_id and week.weeks_back = weekly.weeks_back
),

-- A tool that names nobody counts the people itself.
final as (
    select
        weeks.account_week_id,
        weeks.account_id,
        weeks.week_ending,
        coalesce(nullif(weeks.active_users, 0), counted_by_tool.active_users_7d, 0)
            as active_users,
        weeks.events
    from weeks
    left outer join {{ ref('int_usage__active_users') }} as counted_by_tool
        on
            weeks.account_id = counted_by_tool.account_id
            and weeks.week_ending = counted_by_tool.usage_date
)

select * from final
