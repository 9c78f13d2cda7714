{{ config(enabled=source_enabled('stripe')) }}

-- Lines of one item that follow each other at one price make one period. A line invoiced after it
-- began to count stays by itself: it was not known on each of its days, and must not alter how the
-- punctual ones are merged. A price begins with a line that follows none at the same price that was
-- known by then: an invoice that is late by a day does not give the price another rate.
with coverage as (
    select * from {{ ref('int_revenue__stripe_coverage') }}
),

priced as (
    select
        line.invoice_line_id,
        line.subscription_item_id,
        line.price_id,
        line.mrr_original,
        line.currency,
        line.seats,
        line.is_trial,
        line.started_on
    from coverage as line
    left outer join coverage as before
        on
            line.subscription_item_id = before.subscription_item_id
            and line.price_id = before.price_id
            and line.mrr_original = before.mrr_original
            and line.currency = before.currency
            and line.seats is not distinct from before.seats
            and line.is_trial = before.is_trial
            and line.started_on > before.started_on
            and line.started_on <= before.ended_on
            and before.known_on <= greatest(line.started_on, line.known_on)
    where before.invoice_line_id is null
),

rated as (
    select
        coverage.invoice_line_id,
        max(priced.started_on) as priced_on
    from coverage
    inner join priced
        on
            coverage.subscription_item_id = priced.subscription_item_id
            and coverage.price_id = priced.price_id
            and coverage.mrr_original = priced.mrr_original
            and coverage.currency = priced.currency
            and coverage.seats is not distinct from priced.seats
            and coverage.is_trial = priced.is_trial
            and coverage.started_on >= priced.started_on
    group by coverage.invoice_line_id
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
        numbered.subscription_id,
        min(numbered.invoice_line_id) as period_id,
        'customer' as account_source_object,
        numbered.customer_id as account_source_id,
        max(numbered.product) as product,
        max(numbered.plan) as plan,
        numbered.seats,
        numbered.mrr_original,
        numbered.currency,
        max(numbered.term_months) as term_months,
        min(numbered.started_on) as started_on,
        max(numbered.ended_on) as ended_on,
        max(numbered.renewal_on) as renewal_on,
        max(numbered.cancelled_on) as cancelled_on,
        numbered.is_trial,
        min(rated.priced_on) as priced_on,
        min(numbered.known_at) as known_at
    from numbered
    inner join rated on numbered.invoice_line_id = rated.invoice_line_id
    group by
        numbered.customer_id, numbered.subscription_id, numbered.subscription_item_id,
        numbered.price_id, numbered.mrr_original, numbered.currency, numbered.seats,
        numbered.is_trial, numbered.copy_no, numbered.late_line_id, numbered.island
)

select * from final
