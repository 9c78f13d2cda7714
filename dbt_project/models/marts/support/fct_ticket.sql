-- What happened after the run's date is not known yet; a ticket solved later is still open.
with tickets as (
    select * from {{ ref('int_support__ticket') }}
    where {{ date_in_reporting_tz('created_at') }} <= {{ as_of() }}
),

known as (
    select
        *,
        case
            when {{ date_in_reporting_tz('solved_at') }} <= {{ as_of() }} then solved_at
        end as known_solved_at,
        case
            when {{ date_in_reporting_tz('first_response_at') }} <= {{ as_of() }}
                then first_response_at
        end as known_first_response_at,
        case
            when {{ date_in_reporting_tz('satisfaction_at') }} <= {{ as_of() }}
                then satisfaction_at
        end as known_satisfaction_at
    from tickets
),

final as (
    select
        ticket_id,
        account_id,
        source,
        source_ticket_id,
        requester_email,
        subject,
        priority,
        status,
        known_solved_at is null as is_open,
        created_at,
        {{ date_in_reporting_tz('created_at') }} as created_date,
        known_first_response_at as first_response_at,
        known_solved_at as solved_at,
        case when known_satisfaction_at is not null then cast(satisfaction_score as numeric) end
            as satisfaction_score,
        known_satisfaction_at as satisfaction_at
    from known
)

select * from final
