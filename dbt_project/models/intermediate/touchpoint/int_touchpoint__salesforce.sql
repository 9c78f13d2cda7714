{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

-- A task is a touchpoint once it is done, at the time it was completed; a calendar event is a
-- meeting at the time it starts. One that is deleted later happened all the same, and counts until
-- then; what was deleted before its time never happened.
with tasks as (
    select * from {{ ref('stg_salesforce__task') }}
    where is_closed
),

events as (
    select * from {{ ref('stg_salesforce__event') }}
),

owners as (
    select * from {{ ref('stg_salesforce__user') }}
),

done as (
    select
        task_id as touchpoint_id,
        account_id,
        case
            when task_subtype = 'call' or task_type = 'call' then 'call'
            when task_subtype in ('email', 'listemail') or task_type = 'email' then 'email'
            when task_type = 'meeting' then 'meeting'
            else 'task'
        end as kind,
        subject,
        coalesce(completed_at, {{ start_of_reporting_day('activity_date') }}, created_at)
            as occurred_at,
        owner_id,
        deleted_at
    from tasks
    union all
    select
        event_id as touchpoint_id,
        account_id,
        'meeting' as kind,
        subject,
        coalesce(started_at, {{ start_of_reporting_day('activity_date') }}, created_at)
            as occurred_at,
        owner_id,
        deleted_at
    from events
),

final as (
    select
        'salesforce' as source,
        done.touchpoint_id,
        'Account' as account_source_object,
        done.account_id as account_source_id,
        done.kind,
        done.subject,
        done.occurred_at,
        owners.email as owner_email,
        done.deleted_at
    from done
    left outer join owners
        on done.owner_id = owners.user_id
    where
        done.occurred_at is not null
        and (done.deleted_at is null or done.deleted_at > done.occurred_at)
)

select * from final
