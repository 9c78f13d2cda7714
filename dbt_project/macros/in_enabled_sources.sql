{# Whether a column names one of the sources that `copilot.yml` lists. #}
{% macro in_enabled_sources(column) -%}
    {{ column }} in ('{{ (var('sources') or ['']) | join("', '") }}')
{%- endmacro %}

{# Whether a column names one of some sources; of none, none is named. #}
{% macro in_sources(column, names) -%}
    {{ column }} in ('{{ (names or ['']) | join("', '") }}')
{%- endmacro %}
