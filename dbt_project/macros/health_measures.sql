{# The measures that the health models spread over columns; weights and curves are in the seed
   health_measure.csv, and a test asserts that both name the same measures. #}
{% macro health_measures() -%}
    {{ return([
        'usage_trend', 'usage_recency', 'user_breadth', 'feature_breadth', 'support_burden',
        'support_quality', 'payment', 'commercial_change', 'relationship',
    ]) }}
{%- endmacro %}

{# Where `raw` lies between a measure's worst (0) and best (1), held within both; null stays null. #}
{% macro health_curve(raw, worst, best) -%}
    case
        when {{ raw }} is not null
            then round(
                cast(
                    least(greatest(({{ raw }} - {{ worst }}) / ({{ best }} - {{ worst }}), 0), 1)
                    as numeric
                ),
                6
            )
    end
{%- endmacro %}
