{{ config(enabled=source_enabled('intercom'), materialized='view') }}

-- One rating a conversation, 1 to 5. Its own time is that of the question; the answer was given
-- when the conversation says that it changed.
with conversations as (
    select * from {{ ref('stg_intercom__conversation') }}
),

answers as (
    select
        conversation_id,
        max(created_at) as answered_at
    from {{ ref('stg_intercom__conversation_part') }}
    where part_type = 'conversation_rating_changed'
    group by conversation_id
),

final as (
    select
        'intercom' as source,
        conversations.conversation_id as rating_id,
        conversations.conversation_id as ticket_id,
        conversations.rating as score,
        coalesce(answers.answered_at, conversations.rating_requested_at) as rated_at
    from conversations
    left outer join answers
        on conversations.conversation_id = answers.conversation_id
    where conversations.rating between 1 and 5
)

select * from final
