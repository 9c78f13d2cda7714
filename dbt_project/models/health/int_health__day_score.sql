{{ config(materialized='view') }}

-- The rule score of each customer on each day, wide: value and contribution of each measure. The
-- contributions are rounded before they are added, so they add up to the score exactly.
with raw_measure as (
    select * from {{ ref('int_health__raw_measure') }}
),

settings as (
    select
        sum(weight) as weight_total,
        {% for measure in health_measures() -%}
            max(case when measure = '{{ measure }}' then weight end) as {{ measure }}_weight,
            max(case when measure = '{{ measure }}' then worst end) as {{ measure }}_worst,
            max(case when measure = '{{ measure }}' then best end) as {{ measure }}_best
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('health_measure') }}
),

valued as (
    select
        raw_measure.account_id,
        raw_measure.as_of_date,
        {% for measure in health_measures() -%}
            raw_measure.{{ measure }} as {{ measure }}_raw,
            settings.{{ measure }}_weight,
            {{ health_curve(
                'raw_measure.' ~ measure,
                'settings.' ~ measure ~ '_worst',
                'settings.' ~ measure ~ '_best'
            ) }} as {{ measure }}_value,
        {% endfor -%}
        settings.weight_total
    from raw_measure
    cross join settings
),

known as (
    select
        *,
        {% for measure in health_measures() -%}
            case when {{ measure }}_value is null then 0 else {{ measure }}_weight end
            {%- if not loop.last %} + {% endif %}
        {% endfor %} as weight_known
    from valued
),

contributed as (
    select
        *,
        {% for measure in health_measures() -%}
            round({{ measure }}_value * {{ measure }}_weight / nullif(weight_known, 0), 8)
                as {{ measure }}_contribution,
        {% endfor -%}
        round(weight_known / weight_total, 6) as coverage
    from known
),

final as (
    select
        *,
        {% for measure in health_measures() -%}
            coalesce({{ measure }}_contribution, 0){%- if not loop.last %} + {% endif %}
        {% endfor %} as score
    from contributed
)

select * from final
