-- Satisfaction ratings as the desks deliver them today.
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

final as (
    select
        {{ record_key(['source', "'rating'", 'rating_id']) }} as rating_id,
        source,
        ticket_id as source_ticket_id,
        score,
        rated_at
    from unioned
    where rated_at is not null
)

select * from final
