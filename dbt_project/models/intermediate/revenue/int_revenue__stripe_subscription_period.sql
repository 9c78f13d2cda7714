{{ config(enabled=source_enabled('stripe')) }}

-- Lines of one item that follow each other at one price make one period. A line invoiced after it
-- began to count stays by itself: it was not known on each of its days, and must not alter how the
-- punctual ones are merged. A price goes on over it, if it was known when the next line began.
with coverage as (
    select
        *,
        {{ record_key([
            'subscription_item_id', 'price_id', 'cast(mrr_original as text)', 'currency',
            'cast(seats as text)', 'cast(is_trial as text)', 'cast(copy_no as text)',
        ]) }} as price_key
    from {{ ref('int_revenue__stripe_coverage') }}
),

continuing as (
    select line.invoice_line_id
    from coverage as line
    inner join coverage as earlier
        on
            line.price_key = earlier.price_key
            and line.started_on > earlier.started_on
            and line.started_on <= earlier.ended_on
            and greatest(line.started_on, line.known_on) >= earlier.known_on
    group by line.invoice_line_id
),

followed as (
    select
        coverage.*,
        max(
            case when continuing.invoice_line_id is null then coverage.started_on end
        ) over (
            partition by coverage.price_key
            order by coverage.started_on
        ) as priced_on,
        max(coverage.ended_on) over (
            partition by coverage.price_key, coverage.late_line_id
            order by coverage.started_on, coverage.invoice_line_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_until
    from coverage
    left outer join continuing
        on coverage.invoice_line_id = continuing.invoice_line_id
),

numbered as (
    select
        *,
        sum(case when earlier_until >= started_on then 0 else 1 end) over (
            partition by price_key, late_line_id
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
        min(priced_on) as priced_on,
        min(known_at) as known_at
    from numbered
    group by
        customer_id, subscription_id, price_key, mrr_original, currency, seats, is_trial,
        late_line_id, island
)

select * from final
