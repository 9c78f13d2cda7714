{{ config(enabled=source_enabled('app'), materialized='view') }}

-- Own tickets carry no time of the rating: it is taken as given when the ticket was solved.
with tickets as (
    select * from {{ ref('stg_app__ticket') }}
),

final as (
    select
        'app' as source,
        ticket_id,
        'account' as account_source_object,
        account_id as account_source_id,
        requester_email,
        priority,
        status,
        created_at,
        first_response_at,
        solved_at,
        satisfaction_score,
        case when satisfaction_score is not null then coalesce(solved_at, created_at) end
            as satisfaction_at,
        subject
    from tickets
    where created_at is not null
)

select * from final
