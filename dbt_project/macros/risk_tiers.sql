{# Whether a customer of this tier of the churn score counts as likely to leave. #}
{% macro is_tier_of_trouble(column) -%}{{ column }} in ('high', 'critical'){%- endmacro %}
