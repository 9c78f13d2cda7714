{# A day that Google Analytics writes as 20260131; null where it is none. #}
{% macro compact_date(text) -%}{{ adapter.dispatch('compact_date', 'copilot')(text) }}{%- endmacro %}
{% macro default__compact_date(text) -%}
    case when {{ text }} ~ '^[0-9]{8}$' then to_date({{ text }}, 'YYYYMMDD') end
{%- endmacro %}

{# A dimension's value; null where Google has none, or has folded rare values into one row. #}
{% macro known_dimension(column) -%}
    nullif(nullif(nullif(trim({{ column }}), ''), '(not set)'), '(other)')
{%- endmacro %}
