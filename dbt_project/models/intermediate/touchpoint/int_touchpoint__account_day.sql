-- Rolling contact with an account; a meeting that is still to come does not count, one that was
-- deleted counts on the days before.
with calendar as (
    select
        account_id,
        as_of_date
    from {{ ref('int_account__calendar') }}
),

calendar_start as (
    select
        account_id,
        min(as_of_date) as start_date
    from calendar
    group by account_id
),

touchpoints as (
    select
        touchpoint.account_id,
        {{ date_in_reporting_tz('touchpoint.occurred_at') }} as touched_on,
        {{ date_in_reporting_tz('touchpoint.deleted_at') }} as deleted_on
    from {{ ref('int_touchpoint') }} as touchpoint
    inner join calendar_start
        on
            touchpoint.account_id = calendar_start.account_id
            and {{ date_in_reporting_tz('touchpoint.occurred_at') }} >= calendar_start.start_date
),

changes as (
    select
        account_id,
        touched_on as change_date,
        1 as change,
        case when deleted_on is null then touched_on end as lasting_on
    from touchpoints
    union all
    select
        account_id,
        least({{ add_days('touched_on', 90) }}, deleted_on) as change_date,
        -1 as change,
        cast(null as date) as lasting_on
    from touchpoints
),

daily as (
    select
        account_id,
        change_date,
        sum(change) as change,
        max(lasting_on) as lasting_on
    from changes
    group by account_id, change_date
),

deleted_later as (
    select
        calendar.account_id,
        calendar.as_of_date,
        max(touchpoints.touched_on) as touched_on
    from calendar
    inner join touchpoints
        on
            calendar.account_id = touchpoints.account_id
            and calendar.as_of_date >= touchpoints.touched_on
            and calendar.as_of_date < touchpoints.deleted_on
    group by calendar.account_id, calendar.as_of_date
),

rolled as (
    select
        calendar.account_id,
        calendar.as_of_date,
        cast(coalesce(sum(daily.change) over until_now, 0) as integer) as touchpoints_90d,
        greatest(max(daily.lasting_on) over until_now, deleted_later.touched_on)
            as last_touched_on
    from calendar
    left outer join daily
        on calendar.account_id = daily.account_id and calendar.as_of_date = daily.change_date
    left outer join deleted_later
        on
            calendar.account_id = deleted_later.account_id
            and calendar.as_of_date = deleted_later.as_of_date
    window until_now as (
        partition by calendar.account_id order by calendar.as_of_date
        rows between unbounded preceding and current row
    )
),

final as (
    select
        account_id,
        as_of_date,
        touchpoints_90d,
        {{ days_between('last_touched_on', 'as_of_date') }} as days_since_touchpoint
    from rolled
)

select * from final
