{{ config(materialized='view') }}

-- Product events of every analytics source, with their account.
{% set columns = {
    'source': 'text',
    'event_id': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'user_source_id': 'text',
    'event_name': 'text',
    'occurred_at': 'timestamp',
    'events': 'integer',
    'quantity': 'number',
} %}

with unioned as (
    {{ union_enabled('int_usage__{source}_event', sources_of('usage'), columns) }}
),

final as (
    select
        account_link.account_id,
        unioned.source,
        unioned.event_id,
        unioned.user_source_id,
        unioned.event_name,
        unioned.occurred_at,
        unioned.events,
        unioned.quantity
    from unioned
    {{ join_account_link('unioned') }}
)

select * from final
