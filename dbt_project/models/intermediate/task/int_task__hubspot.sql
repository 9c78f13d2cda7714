{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

with tasks as (
    select * from {{ ref('stg_hubspot__task') }}
),

owners as (
    select * from {{ ref('stg_hubspot__owner') }}
),

final as (
    select
        'hubspot' as source,
        tasks.task_id,
        case
            when tasks.is_archived then 'dismissed'
            when tasks.status = 'COMPLETED' then 'completed'
            when tasks.status in ('DEFERRED', 'WAITING') then 'deferred'
            else 'open'
        end as outcome,
        {{ date_in_reporting_tz('tasks.due_at') }} as due_on,
        owners.email as owner_email,
        case
            when tasks.status = 'COMPLETED' and not tasks.is_archived
                then coalesce(tasks.completed_at, tasks.modified_at)
            else tasks.modified_at
        end as changed_at
    from tasks
    left outer join owners
        on tasks.owner_id = owners.owner_id
)

select * from final
