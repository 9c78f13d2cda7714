-- Account records that their source delivered once and delivers no more, as they were seen last: a
-- full refresh no longer has what the vendor has purged. They count as deleted on the day on which
-- they were first missed.
with versions as (
    select
        *,
        row_number() over (
            partition by record_key
            order by dbt_valid_from desc, dbt_valid_to desc
        ) as recency,
        max(case when dbt_valid_to is null then 1 else 0 end) over (partition by record_key)
            as is_open
    from {{ ref('snapshot_account') }}
),

final as (
    select
        versions.record_key,
        versions.source,
        versions.source_object,
        versions.source_id,
        versions.account_name,
        versions.domain,
        versions.segment,
        versions.industry,
        versions.country,
        versions.csm_name,
        versions.csm_email,
        versions.explicit_source,
        versions.explicit_object,
        versions.explicit_id,
        versions.parent_source_id,
        versions.created_at,
        coalesce(versions.deleted_at, versions.dbt_valid_to) as deleted_at
    from versions
    left outer join {{ ref('int_account__present_record') }} as present
        on versions.record_key = present.record_key
    where
        versions.recency = 1
        and versions.is_open = 0
        and present.record_key is null
        and {{ in_enabled_sources('versions.source') }}
)

select * from final
