{# One row for each key (a list of columns): the one loaded last. Own tables are not deduplicated
   by their loader. #}
{% macro latest_row(relation, key) -%}
    select ranked.*
    from (
        select
            loaded.*,
            row_number() over (
                partition by
                    {%- for column in key %}
                        loaded.{{ adapter.quote(column) }}{{ "," if not loop.last }}
                    {%- endfor %}
                order by
                    loaded."_airbyte_extracted_at" desc nulls last,
                    loaded."_airbyte_raw_id" desc nulls last
            ) as row_rank
        from {{ relation }} as loaded
        where
            {%- for column in key %}
                loaded.{{ adapter.quote(column) }} is not null {{ "and" if not loop.last }}
            {%- endfor %}
    ) as ranked
    where ranked.row_rank = 1
{%- endmacro %}
