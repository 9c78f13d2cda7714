{# Schemas have their plain name behind the installation's prefix, in every target. Health by other
   rules, which somebody only wants to see, goes into a schema of its own. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set is_health = custom_schema_name == 'health' or (node.name or '').startswith('fct_account_health') -%}
    {{ var('schema_prefix') }}
    {%- if var('soon', false) -%}
        soon
    {%- elif var('health_is_preview', false) and is_health -%}
        preview
    {%- else -%}
        {{ custom_schema_name | default('analytics', true) | trim }}
    {%- endif -%}
{%- endmacro %}
