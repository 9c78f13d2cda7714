-- What happened after the run's date is not known yet: an invoice paid later is still open.
with invoices as (
    select * from {{ ref('int_revenue__invoice') }}
    where issued_on <= {{ as_of() }}
),

known as (
    select
        *,
        case when paid_on <= {{ as_of() }} then paid_on end as known_paid_on,
        case when voided_on <= {{ as_of() }} then voided_on end as known_voided_on
    from invoices
),

final as (
    select
        invoice_id,
        account_id,
        source,
        source_invoice_id,
        cast(amount as numeric) as amount,
        cast(amount_original as numeric) as amount_original,
        currency,
        issued_on as issued_date,
        due_on as due_date,
        known_paid_on as paid_date,
        known_voided_on as voided_date,
        case
            when known_voided_on is not null then 'void'
            when known_paid_on is not null then 'paid'
            when due_on < {{ as_of() }} and amount > 0 then 'overdue'
            else 'open'
        end as status
    from known
)

select * from final
