{# The rules of the health score: what Python read from health.yml and validated. #}
{% macro health_rules() -%}
    {%- set rules = var('health') -%}
    {%- if execute and not rules -%}
        {{ exceptions.raise_compiler_error(
            'The variable `health` is missing: it comes from health.yml through `copilot`.'
        ) }}
    {%- endif -%}
    {{- return(rules) -}}
{%- endmacro %}
