{# The rule score of the rows of a relation: the only place where measures become a score.

   A row has `segment` and `lifecycle_stage`, for each measure `<measure>_raw`, and for each kind of
   evidence `<kind>_fresh`: the share of it that still counts. Contributions are rounded before they
   are added, so they add up to the score exactly. Freshness moves the coverage, not the score. #}
{% macro health_score_of(relation) -%}
    {%- set measures = health_measures() %}
    with valued as (
        select
            *
            {%- for name, measure in measures.items() %},
            {{ health_value(name ~ '_raw', measure.curve) }} as {{ name }}_value,
            {{ health_weight(name, measure) }} as {{ name }}_weight
            {%- endfor %}
        from {{ relation }}
    ),

    known as (
        select
            *,
            0
            {%- for name in measures %}
            + case when {{ name }}_value is null then 0 else {{ name }}_weight end
            {%- endfor %} as weight_known,
            0
            {%- for name, measure in measures.items() %}
            + case
                when {{ name }}_value is null then 0
                else {{ name }}_weight * {{ measure.evidence }}_fresh
            end
            {%- endfor %} as weight_fresh,
            0
            {%- for name, measure in measures.items() if not measure.optional %}
            + {{ name }}_weight
            {%- endfor %}
            {%- for name, measure in measures.items() if measure.optional %}
            + case
                when {{ name }}_value is null then 0
                else {{ name }}_weight * {{ measure.evidence }}_fresh
            end
            {%- endfor %} as weight_total
        from valued
    ),

    contributed as (
        select
            *
            {%- for name in measures %},
            round({{ name }}_value * {{ name }}_weight / nullif(weight_known, 0), 8)
                as {{ name }}_contribution
            {%- endfor %},
            coalesce(round(weight_fresh / nullif(weight_total, 0), 6), 0) as coverage
        from known
    )

    select
        *,
        cast(
            case
                when weight_known > 0
                    then 0
                    {%- for name in measures %}
                    + coalesce({{ name }}_contribution, 0)
                    {%- endfor %}
            end as numeric
        ) as rule_score
    from contributed
{%- endmacro %}
