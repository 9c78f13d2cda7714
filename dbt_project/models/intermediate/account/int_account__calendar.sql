-- Every day of an account from 90 days before its first paid day, without gaps, so that windows
-- can count rows; `is_tracked` marks the days on which health and features exist.
with periods as (
    select
        account_id,
        greatest(started_on, known_on) as started_on,
        ended_on
    from {{ ref('int_revenue__subscription_period') }}
    where
        account_id is not null
        and mrr > 0
        and greatest(started_on, known_on) <= {{ as_of() }}
),

spans as (
    select
        account_id,
        min(started_on) as first_paid_on
    from periods
    group by account_id
),

days as (
    select cast(day_number as integer) as day_number
    from {{ series(0, 4000) }}
),

calendar as (
    select
        spans.account_id,
        spans.first_paid_on,
        {{ add_days('spans.first_paid_on', 'days.day_number - 90') }} as as_of_date
    from spans
    inner join
        days
        on {{ add_days('spans.first_paid_on', 'days.day_number - 90') }} <= {{ as_of() }}
),

paid_days as (
    select
        calendar.account_id,
        calendar.as_of_date,
        calendar.first_paid_on,
        max(
            case
                when
                    periods.started_on <= calendar.as_of_date
                    and (
                        periods.ended_on is null
                        or calendar.as_of_date < {{ add_days('periods.ended_on', '30') }}
                    )
                    then 1
                else 0
            end
        ) as is_near_paid
    from calendar
    inner join periods on calendar.account_id = periods.account_id
    group by calendar.account_id, calendar.as_of_date, calendar.first_paid_on
),

final as (
    select
        account_id,
        as_of_date,
        first_paid_on,
        as_of_date >= first_paid_on and is_near_paid = 1 as is_tracked
    from paid_days
)

select * from final
