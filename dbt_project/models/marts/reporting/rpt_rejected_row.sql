with rejected as (
    select * from {{ source('ops', 'rejected_row') }}
),

final as (
    select
        md5(source || '|' || stream || '|' || reason) as rejected_reason_id,
        cast(source as varchar) as source,
        cast(stream as varchar) as stream,
        cast(reason as varchar) as reason,
        count(*) as rejected_rows,
        min(rejected_at) as first_rejected_at,
        max(rejected_at) as last_rejected_at
    from rejected
    group by source, stream, reason
)

select * from final
