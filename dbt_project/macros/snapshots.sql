{# Snapshots keep what a mutable attribute was, from the day they began. Their time is the run's own
   date, never the wall clock: what a run finds counts from the last second of its date. #}
{% macro snapshot_time() -%}
    {{ dbt.dateadd('second', -1, start_of_reporting_day(add_days(as_of(), 1))) }}
{%- endmacro %}

{# The time that dbt itself would stamp on rows that are gone. #}
{% macro default__snapshot_get_time() -%}
    {{ snapshot_time() }}
{%- endmacro %}

{# What a snapshot takes: the attributes of a relation's rows. A run for a past date sees the
   attributes of today, so it takes nothing: it finds what the snapshot holds. Rows of a source that
   is not enabled any more stay as they are. The relation has a column `source`. With `first_of`,
   every version of a record also carries the first value that this column of it ever had: versions
   of one date have the same times, so the versions themselves do not tell which was first. #}
{% macro snapshot_of(relation, key, columns, first_of=none) -%}
    {%- set first = 'first_' ~ first_of -%}
    {%- set stored = load_relation(this) if execute else none -%}
    {%- set takes = takes_snapshot(stored) -%}
    {%- set known = adapter.get_columns_in_relation(stored) | map(attribute='name') | list
        if stored else [] -%}
    select
        {{ key }} as record_key,
        source,
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {%- if first_of and first in known %}
        coalesce(
            (select max(stored.{{ first }}) from {{ this }} as stored where
                stored.record_key = present.{{ key }}),
            {{ first_of }}
        ) as {{ first }},
        {%- elif first_of %}
        {{ first_of }} as {{ first }},
        {%- endif %}
        {{ snapshot_time() }} as observed_at
    from {{ relation }} as present
    {%- if not takes %}
        where false
    {%- endif %}
    {%- if stored %}
        union all
        select
            record_key,
            source,
            {%- for column in columns %}
            {{ column if column in known else 'null' }},
            {%- endfor %}
            {%- if first_of %}
            {{ first if first in known else first_of }},
            {%- endif %}
            dbt_valid_from as observed_at
        from {{ this }}
        where
            dbt_valid_to is null
            {%- if takes %}
            and not {{ in_enabled_sources('source') }}
            {%- endif %}
    {%- endif %}
{%- endmacro %}

{# Whether this run may write: it is not for a past date, and no later one has written. #}
{% macro takes_snapshot(stored) -%}
    {%- if not var('takes_snapshots') -%}
        {{- return(false) -}}
    {%- elif not stored -%}
        {{- return(true) -}}
    {%- endif -%}
    {%- set found = run_query(
        'select coalesce(max(greatest(dbt_valid_from, dbt_valid_to)) > ' ~ snapshot_time()
        ~ ', false) from ' ~ stored
    ) -%}
    {{- return(not found.columns[0].values()[0]) -}}
{%- endmacro %}
