{{ config(enabled=source_enabled('pipedrive'), materialized='view') }}

-- An activity counts once it is done: a meeting at the time it was due, anything else when it was
-- ticked off.
with activities as (
    select * from {{ ref('stg_pipedrive__activity') }}
    where is_done and not is_deleted
),

users as (
    select * from {{ ref('stg_pipedrive__user') }}
),

done as (
    select
        activity_id,
        organization_id,
        subject,
        user_id,
        case
            when activity_type in ('meeting', 'lunch') then 'meeting'
            when activity_type in ('call', 'email') then activity_type
            else 'task'
        end as kind,
        case
            when activity_type in ('meeting', 'lunch') then coalesce(due_at, done_at, created_at)
            else coalesce(done_at, due_at, created_at)
        end as occurred_at
    from activities
),

final as (
    select
        'pipedrive' as source,
        done.activity_id as touchpoint_id,
        'organization' as account_source_object,
        done.organization_id as account_source_id,
        done.kind,
        done.subject,
        done.occurred_at,
        users.email as owner_email
    from done
    left outer join users
        on done.user_id = users.user_id
    where done.occurred_at is not null
)

select * from final
