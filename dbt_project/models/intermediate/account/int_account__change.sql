{{ config(materialized='view') }}

-- What the CRMs themselves recorded about changes of accounts. Of several changes of a field at one
-- instant one counts.
{% set columns = {
    'source': 'text',
    'source_object': 'text',
    'source_id': 'text',
    'field': 'text',
    'old_value': 'text',
    'new_value': 'text',
    'changed_at': 'timestamp',
} %}

with unioned as (
    {{ union_enabled('int_account__{source}_change', sources_of('account_history'), columns) }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by source, source_object, source_id, field, changed_at
            order by new_value, old_value
        ) as choice
    from unioned
    where changed_at is not null
),

final as (
    select
        source,
        source_object,
        source_id,
        field,
        old_value,
        new_value,
        changed_at
    from ranked
    where choice = 1
)

select * from final
