{{ config(enabled=source_enabled('pipedrive'), materialized='view') }}

-- An activity counts once it is done: a meeting at the time it was due, anything else when it was
-- ticked off. One that is deleted later counts until then.
with activities as (
    select * from {{ ref('stg_pipedrive__activity') }}
    where is_done
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
        deleted_at,
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
        users.email as owner_email,
        done.deleted_at
    from done
    left outer join users
        on done.user_id = users.user_id
    where
        done.occurred_at is not null
        and (done.deleted_at is null or done.deleted_at > done.occurred_at)
)

select * from final
