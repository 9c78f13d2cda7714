{# What copilot.yml says of one severity of a rule, else what the seed says. #}
{% macro chosen_severity(given, column) -%}
    {%- set named = namespace(rules=[]) -%}
    {%- for rule in given if given[rule].get(column) -%}
        {%- set named.rules = named.rules + [rule] -%}
    {%- endfor -%}
    {%- if named.rules -%}
        case rule
            {%- for rule in named.rules %}
            when '{{ rule }}' then '{{ given[rule][column] }}'
            {%- endfor %}
            else {{ column }}
        end
    {%- else -%}
        {{ column }}
    {%- endif -%}
{%- endmacro %}

{# How severe a severity is, as a number. #}
{% macro severity_rank(column) -%}
    case {{ column }}
        when 'info' then 0 when 'low' then 1 when 'medium' then 2 when 'high' then 3 else 4
    end
{%- endmacro %}
