{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

with tasks as (
    select * from {{ ref('stg_salesforce__task') }}
),

owners as (
    select * from {{ ref('stg_salesforce__user') }}
),

final as (
    select
        'salesforce' as source,
        tasks.task_id,
        case
            when tasks.deleted_at is not null then 'dismissed'
            when tasks.is_closed then 'completed'
            when tasks.status in ('deferred', 'waiting on someone else') then 'deferred'
            else 'open'
        end as outcome,
        tasks.activity_date as due_on,
        owners.email as owner_email,
        case
            when tasks.deleted_at is not null then tasks.deleted_at
            when tasks.is_closed then coalesce(tasks.completed_at, tasks.modified_at)
            else tasks.modified_at
        end as changed_at
    from tasks
    left outer join owners
        on tasks.owner_id = owners.user_id
)

select * from final
