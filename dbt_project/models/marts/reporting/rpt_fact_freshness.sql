-- The newest record of each kind from each source, and how old it was on the report's date.
{% set facts = [
    ('Product use', 'fct_usage_daily', 'usage_date'),
    ('Support tickets', 'fct_ticket', 'created_date'),
    ('Conversations', 'fct_touchpoint', 'touchpoint_date'),
    ('Invoices', 'fct_invoice', 'issued_date'),
] %}
with latest as (
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

final as (
    select
        source || '-' || cast(fact_order as varchar) as source_fact_id,
        cast(source as varchar) as source,
        cast(fact_label as varchar) as fact_label,
        fact_order,
        last_record_date,
        {{ days_between('last_record_date', as_of()) }} as age_days,
        records
    from latest
)

select * from final
