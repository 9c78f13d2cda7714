with counted as (
    select
        source,
        -- Each source has a word of its own for organisations and people.
        case
            when source_object like 'record %' then 'organisation or person'
            else source_object
        end as kind,
        records,
        unmatched_records
    from {{ ref('int_identity__unmatched_record') }}
),

final as (
    select
        source || '-' || kind as source_kind_id,
        cast(source as varchar) as source,
        cast(kind as varchar) as kind,
        cast(sum(records) as bigint) as records,
        cast(sum(unmatched_records) as bigint) as unmatched_records
    from counted
    group by source, kind
)

select * from final
