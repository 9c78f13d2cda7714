{{ config(enabled=source_enabled('stripe')) }}

-- Lines of one item that follow each other at one price make one period. A line invoiced after it
-- began to count stays by itself: it was not known on each of its days, and must not alter how the
-- punctual ones are merged.
with coverage as (
    select * from {{ ref('int_revenue__stripe_coverage') }}
),

followed as (
    select
        *,
        max(ended_on) over (
            partition by
                subscription_item_id, price_id, mrr_original, currency, seats, is_trial,
                copy_no, late_line_id
            order by started_on, invoice_line_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_until
    from coverage
),

numbered as (
    select
        *,
        sum(case when earlier_until >= started_on then 0 else 1 end) over (
            partition by
                subscription_item_id, price_id, mrr_original, currency, seats, is_trial,
                copy_no, late_line_id
            order by started_on, invoice_line_id
            rows between unbounded preceding and current row
        ) as island
    from followed
),

final as (
    select
        'stripe' as source,
        subscription_id,
        min(invoice_line_id) as period_id,
        'customer' as account_source_object,
        customer_id as account_source_id,
        max(product) as product,
        max(plan) as plan,
        seats,
        mrr_original,
        currency,
        max(term_months) as term_months,
        min(started_on) as started_on,
        max(ended_on) as ended_on,
        max(renewal_on) as renewal_on,
        max(cancelled_on) as cancelled_on,
        is_trial,
        min(started_on) as priced_on,
        min(known_at) as known_at
    from numbered
    group by
        customer_id, subscription_id, subscription_item_id, price_id, mrr_original, currency,
        seats, is_trial, copy_no, late_line_id, island
)

select * from final
