{# Of what is known of a record, the rows of its vendor's history where that has any that count, else
   those of snapshots; `origin` tells which they are. One pass: a join with the records that have a
   history, of which a database cannot guess how many there are, takes the square of their number. #}
{% macro history_else_snapshots(known, keys, counts='1') -%}
    select *
    from (
        select
            *,
            max(case when origin = 'history' then {{ counts }} else 0 end) over (
                partition by {{ keys | join(', ') }}
            ) as has_history
        from {{ known }}
    ) as marked
    where (origin = 'history') = (has_history = 1)
{%- endmacro %}

{# Whether a row of a history (`valid_from`, `valid_to`) held on the date of a run for the past; for
   today none does: what a source says now goes before a history that may lag behind. #}
{% macro held_at_past_run() -%}
    {% if var('takes_snapshots') -%}
        false
    {%- else -%}
        {{ date_in_reporting_tz('valid_from') }} <= {{ as_of() }}
        and coalesce({{ date_in_reporting_tz('valid_to') }} > {{ as_of() }}, true)
    {%- endif %}
{%- endmacro %}
