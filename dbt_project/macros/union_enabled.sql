{# The rows of one shape from every enabled source: `pattern` is the model's name with {source} in
   it, `columns` a dictionary of column -> kind. Without any such source: no rows, right types. #}
{% macro union_enabled(pattern, sources, columns) -%}
    {%- set present = enabled_sources(sources) -%}
    {%- for source in present %}
        select
            {%- for column in columns %}
                {{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        from {{ ref(pattern | replace('{source}', source)) }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
    {%- if not present %}
        select
            {%- for column, kind in columns.items() %}
                cast(null as {{ data_type(kind) }}) as {{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        where false
    {%- endif %}
{%- endmacro %}
