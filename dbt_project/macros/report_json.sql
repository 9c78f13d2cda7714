{# For `cross join`: a row (item, position) for each element of a JSON array; else no row. #}
{% macro json_numbered_elements(array, alias) -%}
    {{ adapter.dispatch('json_numbered_elements', 'copilot')(array, alias) }}
{%- endmacro %}
{% macro default__json_numbered_elements(array, alias) -%}
    lateral jsonb_array_elements(
        case when jsonb_typeof({{ array }}) = 'array' then {{ array }} else '[]' end
    ) with ordinality as {{ alias }} (item, position)
{%- endmacro %}

{# For `cross join`: a row (key, item) for each entry of a JSON object; else no row. #}
{% macro json_entries(object, alias) -%}
    {{ adapter.dispatch('json_entries', 'copilot')(object, alias) }}
{%- endmacro %}
{% macro default__json_entries(object, alias) -%}
    lateral jsonb_each(
        case when jsonb_typeof({{ object }}) = 'object' then {{ object }} else '{}' end
    ) as {{ alias }} (key, item)
{%- endmacro %}
