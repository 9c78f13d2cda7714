{# A text as a number; null where it is none. #}
{% macro safe_number(value) -%}{{ adapter.dispatch('safe_number', 'copilot')(value) }}{%- endmacro %}
{% macro default__safe_number(value) -%}
    case
        when {{ value }} ~ '^\s*-?[0-9]+([.][0-9]+)?\s*$' then cast({{ value }} as numeric)
    end
{%- endmacro %}
