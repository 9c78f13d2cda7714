-- Rolling support burden: tickets opened, first responses that were not there after 24 hours, and
-- what was true of tickets and ratings on the day. Open tickets are not known on days on which the
-- state of any of the account's tickets is not.
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

facts as (
    select
        account_id,
        opened_on as fact_date,
        1 as opened,
        0 as slow,
        0 as open_change,
        0 as urgent_change,
        0 as unknown_change,
        0 as bad_change
    from tickets
    union all
    select
        account_id,
        slow_on as fact_date,
        0 as opened,
        1 as slow,
        0 as open_change,
        0 as urgent_change,
        0 as unknown_change,
        0 as bad_change
    from tickets
    where slow_on is not null
    union all
    select
        account_id,
        change_date as fact_date,
        0 as opened,
        0 as slow,
        open_change,
        urgent_change,
        unknown_change,
        bad_change
    from {{ ref('int_support__account_change') }}
),

daily as (
    select
        account_id,
        fact_date,
        sum(opened) as opened,
        sum(slow) as slow,
        sum(open_change) as open_change,
        sum(urgent_change) as urgent_change,
        sum(unknown_change) as unknown_change,
        sum(bad_change) as bad_change
    from facts
    group by account_id, fact_date
),

summed as (
    select
        calendar.account_id,
        calendar.as_of_date,
        cast(coalesce(sum(daily.opened) over last_30, 0) as integer) as tickets_30d,
        cast(coalesce(sum(daily.opened) over last_90, 0) as integer) as tickets_90d,
        cast(coalesce(sum(daily.slow) over last_90, 0) as integer) as slow_responses_90d,
        cast(coalesce(sum(daily.bad_change) over until_now, 0) as integer) as bad_ratings_90d,
        cast(coalesce(sum(daily.open_change) over until_now, 0) as integer) as open_tickets,
        cast(coalesce(sum(daily.urgent_change) over until_now, 0) as integer)
            as open_urgent_tickets,
        coalesce(sum(daily.unknown_change) over until_now, 0) as unknown_tickets
    from calendar
    left outer join daily
        on calendar.account_id = daily.account_id and calendar.as_of_date = daily.fact_date
    window
        until_now as (
            partition by calendar.account_id order by calendar.as_of_date
            rows between unbounded preceding and current row
        ),
        last_30 as (
            partition by calendar.account_id order by calendar.as_of_date
            rows between 29 preceding and current row
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
        tickets_30d,
        tickets_90d,
        slow_responses_90d,
        bad_ratings_90d,
        case when unknown_tickets = 0 then open_tickets end as open_tickets,
        case when unknown_tickets = 0 then open_urgent_tickets end as open_urgent_tickets
    from summed
)

select * from final
