{# A raw table's columns, cast: `columns` is a dictionary of raw name -> kind, names keep their
   case. A column or table that a loader did not create reads as null or as no rows: connectors
   of different versions land different columns, and own tables are optional. #}
{% macro read_raw(source_name, table_name, columns) -%}
    {%- set relation = source(source_name, table_name) -%}
    {%- set found = {} -%}
    {%- set checked = execute and not relation.is_cte -%}
    {%- set stored = load_relation(relation) if checked else none -%}
    {%- if stored -%}
        {%- for column in adapter.get_columns_in_relation(stored) -%}
            {%- do found.update({column.name: column.dtype}) -%}
        {%- endfor -%}
    {%- endif %}
        select
            {%- for name, kind in columns.items() %}
                {% if checked and name not in found -%}
                    cast(null as {{ data_type(kind) }})
                {%- else -%}
                    {{ read_raw_column(name, kind, found.get(name)) }}
                {%- endif %} as {{ adapter.quote(name) }}{{ "," if not loop.last }}
            {%- endfor %}
        {%- if stored or not checked %}
            from {{ relation }}
        {%- else %}
            where false
        {%- endif %}
{%- endmacro %}

{% macro read_raw_column(name, kind, stored_type) -%}
    {{ adapter.dispatch('read_raw_column', 'copilot')(name, kind, stored_type) }}
{%- endmacro %}
{% macro default__read_raw_column(name, kind, stored_type) -%}
    {%- if stored_type == 'jsonb' and kind != 'json' -%}
        cast({{ adapter.quote(name) }} #>> '{}' as {{ data_type(kind) }})
    {%- elif stored_type == 'timestamp without time zone' and kind == 'timestamp' -%}
        timezone('UTC', {{ adapter.quote(name) }})
    {%- else -%}
        cast({{ adapter.quote(name) }} as {{ data_type(kind) }})
    {%- endif -%}
{%- endmacro %}
