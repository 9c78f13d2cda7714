-- What happened after the run's date is not known yet; a ticket solved later is still open. Status,
-- priority and rating are those that held at the end of the run's date; where the ticket's state is
-- not known then, those of today.
with tickets as (
    select * from {{ ref('int_support__ticket') }}
    where {{ date_in_reporting_tz('created_at') }} <= {{ as_of() }}
),

states as (
    select
        ticket_id,
        status,
        priority,
        is_open,
        row_number() over (partition by ticket_id order by valid_from desc) as recency
    from {{ ref('int_support__ticket_state') }}
    where {{ date_in_reporting_tz('valid_from') }} <= {{ as_of() }}
),

ratings as (
    select
        ticket_id,
        score,
        rated_at
    from {{ ref('int_support__rating') }}
    where
        {{ date_in_reporting_tz('rated_at') }} <= {{ as_of() }}
        and coalesce({{ date_in_reporting_tz('replaced_at') }} > {{ as_of() }}, true)
),

known as (
    select
        tickets.*,
        states.status as known_status,
        states.priority as known_priority,
        states.ticket_id is not null as has_state,
        states.is_open as known_is_open,
        ratings.score as known_score,
        ratings.rated_at as known_satisfaction_at,
        case
            when {{ date_in_reporting_tz('tickets.solved_at') }} <= {{ as_of() }}
                then tickets.solved_at
        end as known_solved_at,
        case
            when {{ date_in_reporting_tz('tickets.first_response_at') }} <= {{ as_of() }}
                then tickets.first_response_at
        end as known_first_response_at
    from tickets
    left outer join states
        on tickets.ticket_id = states.ticket_id and states.recency = 1
    left outer join ratings
        on tickets.ticket_id = ratings.ticket_id
),

final as (
    select
        ticket_id,
        account_id,
        source,
        source_ticket_id,
        requester_email,
        subject,
        case when has_state then known_priority else priority end as priority,
        case when has_state then known_status else status end as status,
        coalesce(known_is_open, known_solved_at is null) as is_open,
        created_at,
        {{ date_in_reporting_tz('created_at') }} as created_date,
        known_first_response_at as first_response_at,
        known_solved_at as solved_at,
        cast(known_score as numeric) as satisfaction_score,
        known_satisfaction_at as satisfaction_at
    from known
)

select * from final
