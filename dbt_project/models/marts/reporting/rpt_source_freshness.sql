-- When each source last brought something new. Only syncs that landed rows count, so a run with
-- nothing new leaves this table as it was.
with sync_run as (
    select * from {{ source('ops', 'sync_run') }}
),

rejected as (
    select
        source,
        stream,
        sum(rejected_rows) as rejected_rows
    from {{ ref('rpt_rejected_row') }}
    group by source, stream
),

final as (
    select
        sync_run.source || '.' || sync_run.stream as source_stream_id,
        cast(sync_run.source as varchar) as source,
        cast(sync_run.stream as varchar) as stream,
        max(sync_run.finished_at) as last_landed_at,
        cast(coalesce(max(rejected.rejected_rows), 0) as bigint) as rejected_rows
    from sync_run
    left outer join rejected
        on sync_run.source = rejected.source and sync_run.stream = rejected.stream
    where sync_run.records > 0
    group by sync_run.source, sync_run.stream
)

select * from final
