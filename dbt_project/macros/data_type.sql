{# A kind of column (text, integer, number, date, timestamp, boolean, json) as a type. #}
{% macro data_type(kind) -%}{{ adapter.dispatch('data_type', 'copilot')(kind) }}{%- endmacro %}
{% macro default__data_type(kind) -%}
    {%- set types = {
        'text': 'text',
        'integer': 'bigint',
        'number': 'numeric',
        'date': 'date',
        'timestamp': 'timestamp with time zone',
        'boolean': 'boolean',
        'json': 'jsonb',
    } -%}
    {{- return(types[kind]) -}}
{%- endmacro %}
