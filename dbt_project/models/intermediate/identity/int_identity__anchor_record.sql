-- Each account record of the source that anchors accounts, and the record that it has become: a
-- merged one is the one it was merged into, also where that one was merged again, up to twenty
-- times. In a ring, where each was merged into another, all stay what they are;
-- assert_no_accounts_are_merged_in_a_ring names them.
with recursive records as (
    select
        *,
        case when explicit_source = source then explicit_key end as master_key
    from {{ ref('int_identity__source_account') }}
    where source = '{{ anchor_source() }}' and source_object = '{{ anchor_object() }}'
),

paths as (
    select
        source_id,
        source_id as master_id,
        master_key,
        0 as steps
    from records
    union all
    select
        paths.source_id,
        targets.source_id as master_id,
        targets.master_key,
        paths.steps + 1 as steps
    from paths
    inner join records as targets
        on paths.master_key = targets.record_key
    where paths.steps < 20
),

survivors as (
    select
        paths.source_id,
        paths.master_id
    from paths
    left outer join records as targets
        on paths.master_key = targets.record_key
    where targets.source_id is null
),

final as (
    select
        records.source,
        records.source_object,
        records.source_id,
        records.record_key,
        coalesce(survivors.master_id, records.source_id) as anchor_source_id,
        coalesce(survivors.master_id != records.source_id, false) as is_merged,
        records.account_name,
        records.domain,
        records.is_free_mail,
        records.parent_source_id,
        records.created_at,
        records.deleted_at
    from records
    left outer join survivors
        on records.source_id = survivors.source_id
)

select * from final
