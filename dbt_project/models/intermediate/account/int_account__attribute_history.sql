-- What an attribute of an account was, and since when: from the CRM's own field history where it
-- has one of the record's field, else from snapshots. Before the first row it is not known. The
-- value before the first recorded change is taken to have held since the record was made.
with present as (
    select * from {{ ref('int_account__present_record') }}
),

changes as (
    select
        {{ record_key(['source', 'source_object', 'source_id']) }} as record_key,
        source,
        source_object,
        source_id,
        field,
        old_value,
        new_value,
        changed_at,
        row_number() over (
            partition by source, source_object, source_id, field
            order by changed_at
        ) as change_no
    from {{ ref('int_account__change') }}
),

recorded as (
    select
        record_key,
        source,
        source_object,
        source_id,
        field,
        new_value as value,
        changed_at as valid_from,
        'history' as origin
    from changes
    union all
    select
        changes.record_key,
        changes.source,
        changes.source_object,
        changes.source_id,
        changes.field,
        changes.old_value as value,
        present.created_at as valid_from,
        'history' as origin
    from changes
    inner join present on changes.record_key = present.record_key
    where changes.change_no = 1 and present.created_at < changes.changed_at
),

versions as (
    select * from {{ ref('snapshot_account') }}
    where coalesce(dbt_valid_to > dbt_valid_from, true)
),

seen as (
    {% for field, column in account_history_fields().items() -%}
        select
            record_key,
            source,
            source_object,
            source_id,
            '{{ field }}' as field,
            {{ column }} as value,
            dbt_valid_from as valid_from,
            'snapshot' as origin
        from versions
        {% if not loop.last -%} union all {% endif %}
    {% endfor %}
),

known as (
    select * from recorded
    union all
    select * from seen
),

found as (
    {{ history_else_snapshots('known', ['record_key', 'field']) }}
),

compared as (
    select
        *,
        row_number() over (partition by record_key, field order by valid_from) as place,
        lag(value) over (partition by record_key, field order by valid_from) as value_before
    from found
),

numbered as (
    select
        *,
        row_number() over (partition by record_key, field order by valid_from) as version_no,
        lead(valid_from) over (partition by record_key, field order by valid_from) as valid_to
    from compared
    where place = 1 or coalesce(value, '') <> coalesce(value_before, '')
),

final as (
    select
        {{ record_key(['record_key', 'field', 'cast(version_no as text)']) }}
            as attribute_history_id,
        record_key,
        source,
        source_object,
        source_id,
        field,
        value,
        valid_from,
        valid_to,
        origin
    from numbered
)

select * from final
