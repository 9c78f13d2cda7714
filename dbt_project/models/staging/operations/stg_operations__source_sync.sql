{{ config(materialized='table') }}

-- When each source was last read with success. A table, since a view would keep migrations from
-- changing what it reads.
with source as (
    select * from {{ source('operations', 'sync_run') }}
    where status = 'succeeded' and finished_at is not null
),

final as (
    select
        source,
        max(finished_at) as last_synced_at
    from source
    group by source
)

select * from final
