{{ config(enabled=source_enabled('intercom'), materialized='view') }}

-- A conversation that we or a bot began becomes a ticket with the customer's first reply. It
-- belongs to the one company of the person, else to the person. Where Intercom keeps no statistics
-- of it, its parts tell when a teammate answered and when it was closed.
with conversations as (
    select
        *,
        case
            when author_type in ('admin', 'bot', 'team') then first_contact_reply_at
            else created_at
        end as opened_at
    from {{ ref('stg_intercom__conversation') }}
),

people as (
    select
        contact_id,
        email,
        case when second_company_id is null then first_company_id end as company_id
    from {{ ref('stg_intercom__contact') }}
),

parts as (
    select
        conversations.conversation_id,
        min(
            case
                when parts.part_type = 'comment' and parts.author_type = 'admin'
                    then parts.created_at
            end
        ) as first_answered_at,
        max(case when parts.part_type = 'close' then parts.created_at end) as last_closed_at
    from conversations
    inner join {{ ref('stg_intercom__conversation_part') }} as parts
        on conversations.conversation_id = parts.conversation_id
    where parts.created_at >= conversations.opened_at
    group by conversations.conversation_id
),

ratings as (
    select * from {{ ref('int_support__intercom_rating') }}
),

final as (
    select
        'intercom' as source,
        conversations.conversation_id as ticket_id,
        case when people.company_id is not null then 'company' else 'contact' end
            as account_source_object,
        coalesce(people.company_id, conversations.contact_id) as account_source_id,
        people.email as requester_email,
        case conversations.priority
            when 'priority' then 'high'
            when 'not_priority' then 'normal'
        end as priority,
        case conversations.state
            when 'closed' then 'solved'
            when 'snoozed' then 'hold'
            else conversations.state
        end as status,
        conversations.opened_at as created_at,
        coalesce(conversations.first_admin_reply_at, parts.first_answered_at)
            as first_response_at,
        coalesce(conversations.last_closed_at, parts.last_closed_at) as solved_at,
        ratings.score as satisfaction_score,
        ratings.rated_at as satisfaction_at,
        conversations.subject
    from conversations
    left outer join people
        on conversations.contact_id = people.contact_id
    left outer join parts
        on conversations.conversation_id = parts.conversation_id
    left outer join ratings
        on conversations.conversation_id = ratings.ticket_id
    where conversations.opened_at is not null
)

select * from final
