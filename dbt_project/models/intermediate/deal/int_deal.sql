-- Deals of the CRM with their account; of no account where no record of one matches.
{% set columns = {
    'source': 'text',
    'deal_source_id': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'deal_name': 'text',
    'deal_type': 'text',
    'stage': 'text',
    'amount': 'number',
    'currency': 'text',
    'close_date': 'date',
    'is_closed': 'boolean',
    'is_won': 'boolean',
    'owner_email': 'text',
    'created_at': 'timestamp',
    'deleted_at': 'timestamp',
} %}

with unioned as (
    {{ union_enabled('int_deal__{source}', sources_of('crm'), columns) }}
),

final as (
    select
        {{ record_key(['unioned.source', "'deal'", 'unioned.deal_source_id']) }} as deal_id,
        account_link.account_id,
        unioned.source,
        unioned.deal_source_id,
        unioned.deal_name,
        unioned.deal_type,
        unioned.stage,
        unioned.amount,
        unioned.currency,
        unioned.close_date,
        unioned.is_closed,
        unioned.is_won,
        unioned.owner_email,
        unioned.created_at,
        unioned.deleted_at
    from unioned
    {{ join_account_link('unioned') }}
)

select * from final
