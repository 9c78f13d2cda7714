{# Whether a column names one of the sources that `copilot.yml` lists. #}
{% macro in_enabled_sources(column) -%}
    {{ column }} in ('{{ (var('sources') or ['']) | join("', '") }}')
{%- endmacro %}
