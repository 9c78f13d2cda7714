-- Satisfaction ratings as they were given, one row each, so that a rating changed later does not
-- rewrite what was known before.
{% set columns = {
    'source': 'text',
    'rating_id': 'text',
    'ticket_id': 'text',
    'score': 'number',
    'rated_at': 'timestamp',
} %}

with unioned as (
    {{ union_enabled('int_support__{source}_rating', sources_of('support'), columns) }}
),

tickets as (
    select * from {{ ref('int_support__ticket') }}
),

final as (
    select
        {{ record_key(['unioned.source', "'rating'", 'unioned.rating_id']) }} as rating_id,
        tickets.account_id,
        tickets.ticket_id,
        unioned.source,
        unioned.score,
        unioned.rated_at
    from unioned
    inner join tickets
        on
            unioned.source = tickets.source
            and unioned.ticket_id = tickets.source_ticket_id
)

select * from final
