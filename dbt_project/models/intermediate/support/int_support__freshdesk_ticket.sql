{{ config(enabled=source_enabled('freshdesk'), materialized='view') }}

-- Spam is no ticket. A ticket belongs to its company, else to its requester's, else to the
-- requester as a person. Freshdesk keeps no history: what is open today has no time at which it
-- was solved, else it would read as closed.
with tickets as (
    select * from {{ ref('stg_freshdesk__ticket') }}
    where not is_spam
),

contacts as (
    select * from {{ ref('stg_freshdesk__contact') }}
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
    from {{ ref('int_support__freshdesk_rating') }}
),

final as (
    select
        'freshdesk' as source,
        tickets.ticket_id,
        case
            when coalesce(tickets.company_id, contacts.company_id) is not null then 'company'
            else 'contact'
        end as account_source_object,
        coalesce(tickets.company_id, contacts.company_id, tickets.requester_id)
            as account_source_id,
        coalesce(contacts.email, tickets.requester_email) as requester_email,
        case tickets.priority_code
            when 1 then 'low'
            when 2 then 'normal'
            when 3 then 'high'
            when 4 then 'urgent'
        end as priority,
        case
            when tickets.status_code = 2 then 'open'
            when tickets.status_code in (3, 6) then 'pending'
            when tickets.status_code = 4 then 'solved'
            when tickets.status_code = 5 then 'closed'
            when tickets.status_code = 7 then 'hold'
            when tickets.status_code > 7 then 'open'
        end as status,
        tickets.created_at,
        tickets.first_responded_at as first_response_at,
        case
            when tickets.status_code in (4, 5)
                then coalesce(tickets.resolved_at, tickets.closed_at)
        end as solved_at,
        ratings.score as satisfaction_score,
        ratings.rated_at as satisfaction_at,
        tickets.subject
    from tickets
    left outer join contacts
        on tickets.requester_id = contacts.contact_id
    left outer join ratings
        on
            tickets.ticket_id = ratings.ticket_id
            and ratings.recency = 1
    where tickets.created_at is not null
)

select * from final
