-- By how much the number of open tickets, and of bad ratings that hold, changes on a day. A state
-- counts on the days at whose end it held; what began before the calendar counts from its start.
with calendar_start as (
    select
        account_id,
        min(as_of_date) as start_date
    from {{ ref('int_account__calendar') }}
    group by account_id
),

states as (
    select
        ticket_id,
        account_id,
        is_open,
        is_open and priority = 'urgent' as is_open_urgent,
        {{ date_in_reporting_tz('valid_from') }} as from_date,
        {{ date_in_reporting_tz('valid_to') }} as to_date
    from {{ ref('int_support__ticket_state') }}
    where account_id is not null
),

first_known as (
    select
        ticket_id,
        min(from_date) as known_from
    from states
    group by ticket_id
),

spells as (
    select
        account_id,
        from_date,
        to_date,
        1 as opens,
        case when is_open_urgent then 1 else 0 end as urgent,
        0 as unknown,
        0 as bad
    from states
    where is_open
    union all
    select
        tickets.account_id,
        {{ date_in_reporting_tz('tickets.created_at') }} as from_date,
        first_known.known_from as to_date,
        0 as opens,
        0 as urgent,
        1 as unknown,
        0 as bad
    from {{ ref('int_support__ticket') }} as tickets
    left outer join first_known on tickets.ticket_id = first_known.ticket_id
    where tickets.account_id is not null
    union all
    select
        ratings.account_id,
        {{ date_in_reporting_tz('ratings.rated_at') }} as from_date,
        least(
            {{ add_days(date_in_reporting_tz('ratings.rated_at'), 90) }},
            {{ date_in_reporting_tz('ratings.replaced_at') }}
        ) as to_date,
        0 as opens,
        0 as urgent,
        0 as unknown,
        1 as bad
    from {{ ref('int_support__rating') }} as ratings
    where ratings.account_id is not null and ratings.score <= 2
),

bounded as (
    select
        spells.account_id,
        spells.to_date,
        spells.opens,
        spells.urgent,
        spells.unknown,
        spells.bad,
        greatest(spells.from_date, calendar_start.start_date) as from_date
    from spells
    inner join calendar_start on spells.account_id = calendar_start.account_id
    where
        coalesce(spells.to_date > spells.from_date, true)
        and coalesce(spells.to_date > calendar_start.start_date, true)
),

changes as (
    select
        account_id,
        from_date as change_date,
        opens,
        urgent,
        unknown,
        bad
    from bounded
    union all
    select
        account_id,
        to_date as change_date,
        -opens as opens,
        -urgent as urgent,
        -unknown as unknown,
        -bad as bad
    from bounded
    where to_date is not null
),

final as (
    select
        account_id,
        change_date,
        sum(opens) as open_change,
        sum(urgent) as urgent_change,
        sum(unknown) as unknown_change,
        sum(bad) as bad_change
    from changes
    group by account_id, change_date
)

select * from final
