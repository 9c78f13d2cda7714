{# The priority that a conversation had a number of changes before the present one: it has two. #}
{% macro intercom_priority_before(present, changes) -%}
    case
        when mod({{ changes }}, 2) = 0 then {{ present }}
        when {{ present }} = 'high' then 'normal'
        else 'high'
    end
{%- endmacro %}
