{# Texts as a row of a CSV file; what holds a comma, a quote or a line's end is quoted. #}
{% macro csv_row(cells) -%}
    {%- for cell in cells -%}
        case
            when {{ cell }} like '%,%' or {{ cell }} like '%"%' or {{ cell }} like '%' || chr(10) || '%'
                then '"' || replace({{ cell }}, '"', '""') || '"'
            else coalesce({{ cell }}, '')
        end
        {%- if not loop.last %} || ',' || {% endif -%}
    {%- endfor -%}
{%- endmacro %}
