-- Each account record of the source that anchors accounts, and the record that it has become: a
-- merged one is the one it was merged into, also where that one was merged again.
with records as (
    select * from {{ ref('int_identity__source_account') }}
    where source = '{{ anchor_source() }}' and source_object = '{{ anchor_object() }}'
),

final as (
    select
        records.source,
        records.source_object,
        records.source_id,
        records.record_key,
        coalesce(second_master.source_id, first_master.source_id, records.source_id)
            as anchor_source_id,
        first_master.source_id is not null as is_merged,
        records.account_name,
        records.domain,
        records.is_free_mail,
        records.parent_source_id,
        records.created_at,
        records.deleted_at
    from records
    left outer join records as first_master
        on
            records.explicit_source = records.source
            and records.explicit_key = first_master.record_key
    left outer join records as second_master
        on
            first_master.explicit_source = first_master.source
            and first_master.explicit_key = second_master.record_key
)

select * from final
