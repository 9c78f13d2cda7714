{# For a source's `loaded_at_query`: when a table was last read to its end, by the ledger that every
   way in writes. The rows cannot tell: of a stream that only brings what changed, the newest one is
   as old as the last change. A table that not every company has, and that was never read, is as
   old as the rest of its source. #}
{% macro last_synced_at(table, is_optional=false) -%}
    {%- set own = "max(case when stream = '" ~ table.name ~ "' then finished_at end)" -%}
    select {{ "coalesce(" ~ own ~ ", max(finished_at))" if is_optional else own }}
    from {{ source('operations', 'sync_run') }}
    where source = '{{ table.source_name }}' and status = 'succeeded'
{%- endmacro %}
