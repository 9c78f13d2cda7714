{{ config(enabled=source_enabled('pipedrive'), materialized='view') }}

with activities as (
    select * from {{ ref('stg_pipedrive__activity') }}
),

users as (
    select * from {{ ref('stg_pipedrive__user') }}
),

final as (
    select
        'pipedrive' as source,
        activities.activity_id as task_id,
        case
            when activities.deleted_at is not null then 'dismissed'
            when activities.is_done then 'completed'
            else 'open'
        end as outcome,
        {{ date_in_reporting_tz('activities.due_at') }} as due_on,
        users.email as owner_email,
        case
            when activities.deleted_at is not null then activities.deleted_at
            when activities.is_done then coalesce(activities.done_at, activities.modified_at)
            else activities.modified_at
        end as changed_at
    from activities
    left outer join users
        on activities.user_id = users.user_id
)

select * from final
