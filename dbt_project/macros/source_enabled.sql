{# Whether `copilot.yml` lists a source; also fit for `config(enabled=...)`. #}
{% macro source_enabled(name) -%}
    {{- return(name in var('sources')) -}}
{%- endmacro %}

{# The enabled ones of some sources, in the order given. #}
{% macro enabled_sources(names) -%}
    {{- return(names | select('in', var('sources')) | list) -}}
{%- endmacro %}
