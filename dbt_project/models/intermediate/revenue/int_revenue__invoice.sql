-- Invoices of every billing source, with their account, in the reporting currency at the rate of
-- the day of issue.
{% set columns = {
    'source': 'text',
    'invoice_id': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'amount': 'number',
    'currency': 'text',
    'issued_on': 'date',
    'due_on': 'date',
    'paid_on': 'date',
    'voided_on': 'date',
    'known_at': 'timestamp',
} %}

with unioned as (
    {{ union_enabled('int_revenue__{source}_invoice', sources_of('billing'), columns) }}
),

final as (
    select
        {{ record_key(['unioned.source', "'invoice'", 'unioned.invoice_id']) }} as invoice_id,
        account_link.account_id,
        unioned.source,
        unioned.invoice_id as source_invoice_id,
        {{ convert_currency('unioned.amount', 'exchange_rate.rate') }} as amount,
        unioned.amount as amount_original,
        unioned.currency,
        unioned.issued_on,
        unioned.due_on,
        unioned.paid_on,
        unioned.voided_on,
        unioned.known_at
    from unioned
    {{ join_account_link('unioned') }}
    {{ join_exchange_rate('exchange_rate', 'unioned.currency', 'unioned.issued_on') }}
)

select * from final
