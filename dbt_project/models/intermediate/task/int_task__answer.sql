-- What people did with the copilot's tasks: completed, put off, or deleted them. One that the
-- copilot closed itself, as its reason was gone, tells nothing. What a CRM no longer lists is taken
-- from what the copilot last read of its own task.
{% set columns = {
    'source': 'text',
    'task_id': 'text',
    'outcome': 'text',
    'due_on': 'date',
    'owner_email': 'text',
    'changed_at': 'timestamp',
} %}

with listed as (
    {{ union_enabled('int_task__{source}', sources_of('crm'), columns) }}
),

made as (
    select * from {{ ref('stg_operations__task') }}
    where task_id is not null and state in ('open', 'done', 'dismissed')
),

told as (
    select
        made.marker,
        made.account_id,
        made.reason_key,
        made.made_on,
        case
            when listed.outcome != 'open' then listed.outcome
            when made.state = 'done' then 'completed'
            when made.state = 'dismissed' then 'dismissed'
            when listed.due_on > made.due_on then 'deferred'
        end as outcome,
        listed.owner_email,
        coalesce(listed.changed_at, {{ start_of_reporting_day('made.ended_on') }}) as changed_at
    from made
    left outer join listed
        on made.destination = listed.source and made.task_id = listed.task_id
),

final as (
    select
        marker,
        account_id,
        reason_key,
        made_on,
        outcome,
        owner_email,
        changed_at
    from told
    where
        outcome is not null
        and {{ date_in_reporting_tz('changed_at') }} <= {{ as_of() }}
)

select * from final
