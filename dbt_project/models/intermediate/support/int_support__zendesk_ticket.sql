{{ config(enabled=source_enabled('zendesk'), materialized='view') }}

-- A ticket belongs to its organisation, else to its requester's, else to the requester as a
-- person. The last rating is the ticket's satisfaction.
with tickets as (
    select * from {{ ref('stg_zendesk__ticket') }}
),

users as (
    select * from {{ ref('stg_zendesk__user') }}
),

metrics as (
    select
        ticket_id,
        max(reply_minutes) as reply_minutes,
        max(solved_at) as solved_at
    from {{ ref('stg_zendesk__ticket_metric') }}
    group by ticket_id
),

ratings as (
    select
        ticket_id,
        score,
        rated_at,
        row_number() over (
            partition by ticket_id
            order by rated_at desc, rating_id desc
        ) as recency
    from {{ ref('int_support__zendesk_rating') }}
),

final as (
    select
        'zendesk' as source,
        tickets.ticket_id,
        case
            when coalesce(tickets.organization_id, users.organization_id) is not null
                then 'organization'
            else 'user'
        end as account_source_object,
        coalesce(tickets.organization_id, users.organization_id, tickets.requester_id)
            as account_source_id,
        users.email as requester_email,
        tickets.priority,
        tickets.status,
        tickets.created_at,
        {{ add_minutes('tickets.created_at', 'metrics.reply_minutes') }} as first_response_at,
        metrics.solved_at,
        ratings.score as satisfaction_score,
        ratings.rated_at as satisfaction_at,
        tickets.subject
    from tickets
    left outer join users
        on tickets.requester_id = users.user_id
    left outer join metrics
        on tickets.ticket_id = metrics.ticket_id
    left outer join ratings
        on
            tickets.ticket_id = ratings.ticket_id
            and ratings.recency = 1
    where tickets.created_at is not null
)

select * from final
