{{ config(materialized='table') }}

-- The copilot's tasks, and what became of them. A table, since a view would keep migrations from
-- changing what it reads.
with source as (
    select * from {{ source('operations', 'task') }}
),

final as (
    select
        marker,
        destination,
        task_id,
        account_id,
        reason_key,
        playbook,
        due_on,
        made_on,
        ended_on,
        state
    from source
)

select * from final
