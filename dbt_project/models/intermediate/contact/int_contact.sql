-- The people of the accounts, from the CRM and the own tables, with their account.
{% set columns = {
    'source': 'text',
    'contact_source_id': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'full_name': 'text',
    'email': 'text',
    'role': 'text',
    'title': 'text',
    'is_champion': 'boolean',
    'created_at': 'timestamp',
    'deleted_at': 'timestamp',
    'bounced_at': 'timestamp',
} %}

with unioned as (
    {{ union_enabled('int_contact__{source}', sources_of('crm') + ['app'], columns) }}
),

final as (
    select
        {{ record_key(['unioned.source', "'contact'", 'unioned.contact_source_id']) }}
            as contact_id,
        account_link.account_id,
        unioned.source,
        unioned.contact_source_id,
        unioned.account_source_object,
        unioned.account_source_id,
        unioned.full_name,
        unioned.email,
        unioned.role,
        unioned.title,
        unioned.is_champion,
        unioned.created_at,
        unioned.deleted_at,
        unioned.bounced_at
    from unioned
    {{ join_account_link('unioned') }}
)

select * from final
