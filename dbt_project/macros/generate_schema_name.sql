{# Schemas have their plain name behind the installation's prefix, in every target. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ var('schema_prefix') }}{{ custom_schema_name | default('analytics', true) | trim }}
{%- endmacro %}
