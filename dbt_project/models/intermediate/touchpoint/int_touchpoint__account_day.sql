-- Rolling contact with an account; a meeting that is still to come does not count.
with calendar as (
    select
        account_id,
        as_of_date
    from {{ ref('int_account__calendar') }}
),

daily as (
    select
        account_id,
        {{ date_in_reporting_tz('occurred_at') }} as touched_on,
        count(*) as touchpoints
    from {{ ref('int_touchpoint') }}
    where account_id is not null and occurred_at is not null
    group by account_id, {{ date_in_reporting_tz('occurred_at') }}
),

rolled as (
    select
        calendar.account_id,
        calendar.as_of_date,
        cast(coalesce(sum(daily.touchpoints) over last_90, 0) as integer) as touchpoints_90d,
        max(daily.touched_on) over until_now as last_touched_on
    from calendar
    left outer join daily
        on calendar.account_id = daily.account_id and calendar.as_of_date = daily.touched_on
    window
        until_now as (
            partition by calendar.account_id order by calendar.as_of_date
            rows between unbounded preceding and current row
        ),
        last_90 as (
            partition by calendar.account_id order by calendar.as_of_date
            rows between 89 preceding and current row
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
