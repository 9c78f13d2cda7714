{# JSON columns of the Python-owned tables, read the same way on every warehouse. #}
{% macro json_text(column, key) -%}
    {{ return(adapter.dispatch('json_text', 'copilot')(column, key)) }}
{%- endmacro %}

{% macro default__json_text(column, key) -%}
    ({{ column }} ->> '{{ key }}')
{%- endmacro %}


{% macro json_first_text(column, key) -%}
    {{ return(adapter.dispatch('json_first_text', 'copilot')(column, key)) }}
{%- endmacro %}

{# A text of the first element of an array. #}
{% macro default__json_first_text(column, key) -%}
    ({{ column }} -> 0 ->> '{{ key }}')
{%- endmacro %}


{% macro json_array_rows(column, alias) -%}
    {{ return(adapter.dispatch('json_array_rows', 'copilot')(column, alias)) }}
{%- endmacro %}

{# A join that gives a row (item, position) for each element; no array, no row. #}
{% macro default__json_array_rows(column, alias) -%}
    cross join lateral jsonb_array_elements(
        case when jsonb_typeof({{ column }}) = 'array' then {{ column }} else '[]'::jsonb end
    ) with ordinality as {{ alias }} (item, position)
{%- endmacro %}


{% macro json_object_rows(column, alias) -%}
    {{ return(adapter.dispatch('json_object_rows', 'copilot')(column, alias)) }}
{%- endmacro %}

{# A join that gives a row (key, item) for each entry; no object, no row. #}
{% macro default__json_object_rows(column, alias) -%}
    cross join lateral jsonb_each(
        case when jsonb_typeof({{ column }}) = 'object' then {{ column }} else '{}'::jsonb end
    ) as {{ alias }} (key, item)
{%- endmacro %}
