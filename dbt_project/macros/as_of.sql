{# The date that everything in this run is "as of": the only clock a model may read. #}
{% macro as_of() -%}
    cast('{{ var("as_of_date") }}' as date)
{%- endmacro %}
