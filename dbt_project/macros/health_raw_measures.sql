{# What the curve of each measure is laid over: the quantity itself, its change, or its place in the
   segment, for the rows of int_health__quantity (as `quantity`) that meet a condition. Null where it
   is not known or its evidence has expired. #}
{% macro health_raw_measures(condition) -%}
    {%- set measures = health_measures() -%}
    {%- set evidence = health_rules().get('evidence', {}) %}
    with quantity as (
        select * from {{ ref('int_health__quantity') }}
    ),

    segments as (
        select * from {{ ref('int_health__segment') }}
    ),

    stages as (
        select * from {{ ref('int_account__day_stage') }}
    ),

    read_until as (
        select * from {{ ref('int_health__evidence_read') }}
    ),

    reference as (
        {{ health_reference_rows() }}
    ),

    aged as (
        select
            quantity.*,
            segments.segment,
            stages.lifecycle_stage,
            {%- for kind in ['usage', 'support', 'billing', 'crm'] %}
            coalesce(
                greatest({{ days_between('read_until.' ~ kind ~ '_until', 'quantity.as_of_date') }}, 0),
                0
            ) as {{ kind }}_age{{ ',' if not loop.last }}
            {%- endfor %}
        from quantity
        cross join read_until
        left outer join segments
            on
                quantity.account_id = segments.account_id
                and quantity.as_of_date >= segments.valid_from_date
                and quantity.as_of_date < segments.valid_to_date
        left outer join stages
            on
                quantity.account_id = stages.account_id
                and quantity.as_of_date = stages.as_of_date
        where quantity.is_customer and {{ condition }}
    ),

    fresh as (
        select
            aged.*
            {%- for kind, ageing in evidence.items() %},
            round(
                cast(
                    least(
                        greatest(
                            cast({{ ageing.expires_days }} - {{ kind }}_age as numeric)
                            / ({{ ageing.expires_days }} - {{ ageing.fresh_days }}),
                            0
                        ),
                        1
                    ) as numeric
                ),
                6
            ) as {{ kind }}_fresh
            {%- endfor %}
        from aged
    ),

    final as (
        select
            fresh.account_id,
            fresh.as_of_date,
            fresh.segment,
            fresh.lifecycle_stage
            {%- for kind in evidence %},
            coalesce(fresh.{{ kind }}_fresh, 0) as {{ kind }}_fresh
            {%- endfor %}
            {%- for name, measure in measures.items() %},
            case
                when fresh.{{ measure.evidence }}_fresh > 0
                    then
                        {% if measure.curve.kind == 'trend' -%}
                            {{ health_change(
                                'fresh.' ~ measure.quantity,
                                'before_' ~ measure.curve.days ~ '.' ~ measure.quantity
                            ) }}
                        {%- elif measure.curve.kind == 'percentile' -%}
                            case
                                when fresh.{{ measure.quantity }} is not null
                                    then {{ share_below(
                                        'coalesce(' ~ measure.quantity ~ '_in_segment.points, '
                                        ~ measure.quantity ~ '_in_all.points)',
                                        'fresh.' ~ measure.quantity
                                    ) }}
                            end
                        {%- else -%}
                            fresh.{{ measure.quantity }}
                        {%- endif %}
            end as {{ name }}_raw
            {%- endfor %}
        from fresh
        {%- for days in health_trend_days() %}
        left outer join quantity as before_{{ days }}
            on
                fresh.account_id = before_{{ days }}.account_id
                and before_{{ days }}.as_of_date = {{ add_days('fresh.as_of_date', '-' ~ days) }}
        {%- endfor %}
        {%- for name in health_ranked_quantities() %}
        left outer join reference as {{ name }}_in_segment
            on
                fresh.as_of_date = {{ name }}_in_segment.as_of_date
                and fresh.segment = {{ name }}_in_segment.segment
                and {{ name }}_in_segment.quantity = '{{ name }}'
        left outer join reference as {{ name }}_in_all
            on
                fresh.as_of_date = {{ name }}_in_all.as_of_date
                and {{ name }}_in_all.segment = ''
                and {{ name }}_in_all.quantity = '{{ name }}'
        {%- endfor %}
    )

    select * from final
{%- endmacro %}
