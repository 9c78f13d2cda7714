{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

-- A call counts if it took place, a meeting at its start unless it was called off, an e-mail when
-- it was sent, a task once it is done. HubSpot does not list what was deleted.
with calls as (
    select * from {{ ref('stg_hubspot__call') }}
    where not is_archived and coalesce(status, 'COMPLETED') = 'COMPLETED'
),

emails as (
    select * from {{ ref('stg_hubspot__email') }}
    where not is_archived
),

meetings as (
    select * from {{ ref('stg_hubspot__meeting') }}
    where
        not is_archived
        and coalesce(outcome, 'COMPLETED') not in ('CANCELED', 'NO_SHOW', 'RESCHEDULED')
),

tasks as (
    select * from {{ ref('stg_hubspot__task') }}
    where not is_archived and status = 'COMPLETED'
),

owners as (
    select * from {{ ref('stg_hubspot__owner') }}
),

done as (
    select
        'call-' || call_id as touchpoint_id,
        company_id,
        'call' as kind,
        subject,
        coalesce(called_at, created_at) as occurred_at,
        owner_id
    from calls
    union all
    select
        'email-' || email_id as touchpoint_id,
        company_id,
        'email' as kind,
        subject,
        coalesce(sent_at, created_at) as occurred_at,
        owner_id
    from emails
    union all
    select
        'meeting-' || meeting_id as touchpoint_id,
        company_id,
        'meeting' as kind,
        subject,
        coalesce(started_at, created_at) as occurred_at,
        owner_id
    from meetings
    union all
    select
        'task-' || task_id as touchpoint_id,
        company_id,
        case task_type when 'CALL' then 'call' when 'EMAIL' then 'email' else 'task' end as kind,
        subject,
        coalesce(completed_at, created_at) as occurred_at,
        owner_id
    from tasks
),

final as (
    select
        'hubspot' as source,
        done.touchpoint_id,
        'company' as account_source_object,
        done.company_id as account_source_id,
        done.kind,
        done.subject,
        done.occurred_at,
        owners.email as owner_email,
        cast(null as {{ data_type('timestamp') }}) as deleted_at
    from done
    left outer join owners
        on done.owner_id = owners.owner_id
    where done.occurred_at is not null
)

select * from final
