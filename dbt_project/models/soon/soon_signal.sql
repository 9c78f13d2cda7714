{{ config(enabled=var('soon', false)) }}

-- What is severe in the raw tables and not yet known to the marts, whatever made them last: it does
-- not wait for the night. A record of no known account does; it is here without one.
{% set tickets = {
    'source': 'text',
    'ticket_id': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'priority': 'text',
    'status': 'text',
    'created_at': 'timestamp',
} %}
{% set invoices = {
    'source': 'text',
    'invoice_id': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'amount': 'number',
    'issued_on': 'date',
    'due_on': 'date',
    'paid_on': 'date',
    'voided_on': 'date',
} %}

with ticket as (
    {{ union_enabled('int_support__{source}_ticket', sources_of('support'), tickets) }}
),

invoice as (
    {{ union_enabled('int_revenue__{source}_invoice', sources_of('billing'), invoices) }}
),

severe as (
    select
        'severe_ticket' as rule,
        ticket.source,
        ticket.ticket_id as record_id,
        ticket.account_source_object,
        ticket.account_source_id,
        known.account_id as known_account_id,
        coalesce(known.is_open and lower(known.priority) = 'urgent', false) as is_known
    from ticket
    left outer join {{ ref('fct_ticket') }} as known
        on ticket.source = known.source and ticket.ticket_id = known.source_ticket_id
    where
        lower(ticket.priority) = 'urgent'
        and {{ ticket_is_open('lower(ticket.status)') }}
        and {{ date_in_reporting_tz('ticket.created_at') }} <= {{ as_of() }}
    union all
    select
        'payment_failed' as rule,
        invoice.source,
        invoice.invoice_id as record_id,
        invoice.account_source_object,
        invoice.account_source_id,
        known.account_id as known_account_id,
        coalesce(
            known.due_date < {{ as_of() }}
            and known.amount > 0
            and known.paid_date is null
            and known.voided_date is null,
            false
        ) as is_known
    from invoice
    left outer join {{ ref('fct_invoice') }} as known
        on invoice.source = known.source and invoice.invoice_id = known.source_invoice_id
    where
        invoice.amount > 0
        and invoice.issued_on <= {{ as_of() }}
        and invoice.due_on < {{ as_of() }}
        and coalesce(least(invoice.paid_on, invoice.voided_on) > {{ as_of() }}, true)
),

landed as (
    select * from severe
    where
        not is_known
        and rule in (
            {% for rule in var('soon_rules') -%}
                '{{ rule }}'{{ ',' if not loop.last }}
            {% endfor -%}
        )
),

final as (
    select
        {{ record_key(['landed.rule', 'landed.source', 'landed.record_id']) }} as signal_id,
        landed.rule,
        landed.source,
        landed.record_id,
        account_link.account_id,
        landed.known_account_id
    from landed
    {{ join_account_link('landed', of_all=true) }}
)

select * from final
