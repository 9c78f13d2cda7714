-- Calls, e-mails, meetings and done tasks that people logged with an account. A task that the
-- copilot closed itself, as its reason was gone, is nobody's contact with a customer.
{% set columns = {
    'source': 'text',
    'touchpoint_id': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'kind': 'text',
    'subject': 'text',
    'occurred_at': 'timestamp',
    'owner_email': 'text',
    'deleted_at': 'timestamp',
} %}

with unioned as (
    {{ union_enabled('int_touchpoint__{source}', sources_of('crm'), columns) }}
),

closed_by_itself as (
    select
        destination,
        task_id
    from {{ ref('stg_operations__task') }}
    where state in ('closed', 'closing')
),

final as (
    select
        {{ record_key(['unioned.source', "'touchpoint'", 'unioned.touchpoint_id']) }}
            as touchpoint_id,
        account_link.account_id,
        unioned.source,
        unioned.touchpoint_id as source_touchpoint_id,
        unioned.kind,
        unioned.subject,
        unioned.occurred_at,
        unioned.owner_email,
        unioned.deleted_at
    from unioned
    {{ join_account_link('unioned') }}
    left outer join closed_by_itself
        on
            unioned.source = closed_by_itself.destination
            and unioned.touchpoint_id in (
                closed_by_itself.task_id, 'task-' || closed_by_itself.task_id
            )
    where closed_by_itself.task_id is null
)

select * from final
