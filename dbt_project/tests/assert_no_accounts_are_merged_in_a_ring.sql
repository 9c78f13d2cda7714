-- Two accounts each of which was linked to the other, say by two rows of seeds/account_link.csv of
-- which one meant to undo the other, would both be gone, with all their history.
with records as (
    select * from {{ ref('int_identity__source_account') }}
    where source = '{{ anchor_source() }}' and source_object = '{{ anchor_object() }}'
),

anchor_record as (
    select * from {{ ref('int_identity__anchor_record') }}
),

final as (
    select
        'account ' || records.source_id || ' of ' || records.source
        || case
            when records.is_linked_by_hand then ' is linked by hand to '
            else ' was merged in its source into '
        end || masters.source_id
        || ', which leads back to it, or on over more than twenty others: take a link out of'
        || ' seeds/account_link.csv, or add a row that unlinks it there' as problem
    from records
    inner join anchor_record
        on records.source_id = anchor_record.source_id
    inner join anchor_record as masters
        on
            records.explicit_source = masters.source
            and records.explicit_key = masters.record_key
    where not anchor_record.is_merged
)

select * from final
