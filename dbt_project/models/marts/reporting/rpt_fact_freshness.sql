-- The newest record of each kind from each source, and how old it was on the report's date; a
-- source that brought none has a row too. When a sync ran is not in it: syncs read the last records
-- again, and a run with nothing new must leave this table as it was.
{% set facts = [
    ('Product use', 'fct_usage_daily', 'usage_date'),
    ('Support tickets', 'fct_ticket', 'created_date'),
    ('Conversations', 'fct_touchpoint', 'touchpoint_date'),
    ('Invoices', 'fct_invoice', 'issued_date'),
] %}
with expected as (
    {% for source in var('sources') -%}
        select '{{ source }}' as source
        {% if not loop.last -%} union all {% endif %}
    {% endfor %}
),

latest as (
    {% for label, model, column in facts -%}
        select
            '{{ label }}' as fact_label,
            {{ loop.index }} as fact_order,
            source,
            max({{ column }}) as last_record_date,
            count(*) as records
        from {{ ref(model) }}
        where {{ column }} <= {{ as_of() }}
        group by source
        {% if not loop.last -%} union all {% endif %}
    {% endfor %}
),

silent as (
    select
        'Any record' as fact_label,
        0 as fact_order,
        expected.source,
        cast(null as date) as last_record_date,
        0 as records
    from expected
    left outer join latest on expected.source = latest.source
    where latest.source is null
),

every as (
    select * from latest
    union all
    select * from silent
),

final as (
    select
        source || '-' || cast(fact_order as varchar) as source_fact_id,
        cast(source as varchar) as source,
        cast(fact_label as varchar) as fact_label,
        fact_order,
        last_record_date,
        {{ days_between('last_record_date', as_of()) }} as age_days,
        cast(records as bigint) as records
    from every
)

select * from final
