{# A hundred and one points that describe how a column is distributed, from least to most, as JSON. #}
{% macro distribution_points(column) -%}
    {{ adapter.dispatch('distribution_points', 'copilot')(column) }}
{%- endmacro %}
{% macro default__distribution_points(column) -%}
    to_jsonb(
        percentile_disc(
            (
                select array_agg(cast(step as double precision) / 100 order by step)
                from generate_series(0, 100) as steps (step)
            )
        ) within group (order by {{ column }})
    )
{%- endmacro %}

{# The share of such points that lie below a number; half of those that equal it count. #}
{% macro share_below(points, number) -%}
    {{ adapter.dispatch('share_below', 'copilot')(points, number) }}
{%- endmacro %}
{% macro default__share_below(points, number) -%}
    (
        select
            round(
                avg(
                    case
                        when cast(point as numeric) < {{ number }} then 1
                        when cast(point as numeric) = {{ number }} then 0.5
                        else 0
                    end
                ),
                6
            )
        from jsonb_array_elements_text({{ points }}) as points (point)
    )
{%- endmacro %}
