-- Calls, e-mails, meetings and done tasks that people logged with an account.
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
)

select * from final
