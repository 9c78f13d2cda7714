-- Rolling support burden. Only facts that cannot be taken back count: a ticket was opened, a
-- first response was not there after 24 hours, a bad rating was given.
with calendar as (
    select
        account_id,
        as_of_date
    from {{ ref('int_account__calendar') }}
),

tickets as (
    select
        account_id,
        {{ date_in_reporting_tz('created_at') }} as opened_on,
        case
            when
                first_response_at is null
                or first_response_at > {{ dbt.dateadd('hour', 24, 'created_at') }}
                then {{ date_in_reporting_tz(dbt.dateadd('hour', 24, 'created_at')) }}
        end as slow_on
    from {{ ref('int_support__ticket') }}
    where account_id is not null
),

ratings as (
    select
        account_id,
        {{ date_in_reporting_tz('rated_at') }} as rated_on
    from {{ ref('int_support__rating') }}
    where account_id is not null and score <= 2
),

facts as (
    select
        account_id,
        opened_on as fact_date,
        1 as opened,
        0 as slow,
        0 as bad
    from tickets
    union all
    select
        account_id,
        slow_on as fact_date,
        0 as opened,
        1 as slow,
        0 as bad
    from tickets
    where slow_on is not null
    union all
    select
        account_id,
        rated_on as fact_date,
        0 as opened,
        0 as slow,
        1 as bad
    from ratings
    where rated_on is not null
),

daily as (
    select
        account_id,
        fact_date,
        sum(opened) as opened,
        sum(slow) as slow,
        sum(bad) as bad
    from facts
    group by account_id, fact_date
),

final as (
    select
        calendar.account_id,
        calendar.as_of_date,
        cast(coalesce(sum(daily.opened) over last_30, 0) as integer) as tickets_30d,
        cast(coalesce(sum(daily.opened) over last_90, 0) as integer) as tickets_90d,
        cast(coalesce(sum(daily.slow) over last_90, 0) as integer) as slow_responses_90d,
        cast(coalesce(sum(daily.bad) over last_90, 0) as integer) as bad_ratings_90d
    from calendar
    left outer join daily
        on calendar.account_id = daily.account_id and calendar.as_of_date = daily.fact_date
    window
        last_30 as (
            partition by calendar.account_id order by calendar.as_of_date
            rows between 29 preceding and current row
        ),
        last_90 as (
            partition by calendar.account_id order by calendar.as_of_date
            rows between 89 preceding and current row
        )
)

select * from final
