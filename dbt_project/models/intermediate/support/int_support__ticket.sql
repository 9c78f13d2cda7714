-- Tickets of every support desk, with their account; those of strangers have none.
{% set columns = {
    'source': 'text',
    'ticket_id': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'requester_email': 'text',
    'priority': 'text',
    'status': 'text',
    'created_at': 'timestamp',
    'first_response_at': 'timestamp',
    'solved_at': 'timestamp',
    'satisfaction_score': 'number',
    'satisfaction_at': 'timestamp',
    'subject': 'text',
} %}

with unioned as (
    {{ union_enabled('int_support__{source}_ticket', sources_of('support'), columns) }}
),

final as (
    select
        {{ record_key(['unioned.source', "'ticket'", 'unioned.ticket_id']) }} as ticket_id,
        account_link.account_id,
        unioned.source,
        unioned.ticket_id as source_ticket_id,
        unioned.requester_email,
        unioned.priority,
        unioned.status,
        unioned.created_at,
        unioned.first_response_at,
        unioned.solved_at,
        unioned.satisfaction_score,
        unioned.satisfaction_at,
        unioned.subject
    from unioned
    {{ join_account_link('unioned') }}
)

select * from final
