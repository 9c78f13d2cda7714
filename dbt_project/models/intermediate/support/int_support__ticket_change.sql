{{ config(materialized='view') }}

-- What the desks themselves recorded about status and priority of their tickets. A desk that keeps
-- no such history is not among the sources; its tickets have snapshots only.
{% set columns = {
    'source': 'text',
    'ticket_id': 'text',
    'field': 'text',
    'new_value': 'text',
    'changed_at': 'timestamp',
} %}

with unioned as (
    {{ union_enabled(
        'int_support__{source}_ticket_change', sources_of('ticket_history'), columns
    ) }}
),

final as (
    select
        source,
        ticket_id,
        field,
        lower(max(new_value)) as new_value,
        changed_at
    from unioned
    where changed_at is not null and field in ('status', 'priority')
    group by source, ticket_id, field, changed_at
)

select * from final
