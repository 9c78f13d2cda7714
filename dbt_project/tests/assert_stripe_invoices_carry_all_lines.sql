{{ config(enabled=source_enabled('stripe')) }}

-- Stripe delivers the first ten lines inside an invoice. One with more would be worth too little
-- MRR, so the run stops and says which.
select
    invoice_id,
    total_lines,
    lines_delivered
from (
    select
        invoices.invoice_id,
        invoices.total_lines,
        count(invoice_lines.invoice_line_id) as lines_delivered
    from {{ ref('stg_stripe__invoice') }} as invoices
    left outer join {{ ref('stg_stripe__invoice_line') }} as invoice_lines
        on invoices.invoice_id = invoice_lines.invoice_id
    group by invoices.invoice_id, invoices.total_lines
) as counted
where lines_delivered < total_lines
