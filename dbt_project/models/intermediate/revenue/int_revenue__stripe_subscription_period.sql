{{ config(enabled=source_enabled('stripe')) }}

-- Lines of one item that follow each other at one price make one period. A change in the middle of
-- a term ends the line it changes; of several changes on one day the last one counts. A line invoiced after its stretch began stays by itself: it was
-- not known on each of its days, and must not alter how the punctual ones are merged.
with lines as (
    select * from {{ ref('int_revenue__stripe_line') }}
),

changes as (
    select
        subscription_item_id,
        started_on as changed_on
    from lines
    where is_proration and ended_on > started_on
    group by subscription_item_id, started_on
),

covering as (
    select
        lines.*,
        row_number() over (
            partition by
                subscription_item_id,
                case when is_proration then cast(started_on as text) else invoice_line_id end
            order by known_at desc, invoice_line_id desc
        ) as change_recency
    from lines
    where not is_credit
),

cut as (
    select
        covering.invoice_line_id,
        min(changes.changed_on) as changed_on
    from covering
    inner join changes
        on
            covering.subscription_item_id = changes.subscription_item_id
            and covering.started_on < changes.changed_on
            and covering.ended_on > changes.changed_on
    group by covering.invoice_line_id
),

covered as (
    select
        covering.*,
        least(covering.ended_on, cut.changed_on) as covered_until,
        case
            when covering.known_on > covering.started_on then covering.invoice_line_id
            else ''
        end as late_line_id
    from covering
    left join cut
        on covering.invoice_line_id = cut.invoice_line_id
    where
        covering.change_recency = 1
        and least(covering.ended_on, cut.changed_on) > covering.started_on
),

followed as (
    select
        covered.*,
        max(covered_until) over (
            partition by
                subscription_item_id, price_id, mrr_original, currency, seats, is_trial,
                late_line_id
            order by started_on, invoice_line_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_until
    from covered
),

numbered as (
    select
        followed.*,
        sum(case when earlier_until >= started_on then 0 else 1 end) over (
            partition by
                subscription_item_id, price_id, mrr_original, currency, seats, is_trial,
                late_line_id
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
        product,
        max(plan) as plan,
        seats,
        mrr_original,
        currency,
        term_months,
        min(started_on) as started_on,
        max(covered_until) as ended_on,
        max(renewal_on) as renewal_on,
        max(cancelled_on) as cancelled_on,
        is_trial,
        min(started_on) as priced_on,
        min(known_at) as known_at
    from numbered
    group by
        subscription_id, subscription_item_id, customer_id, product, seats, mrr_original,
        currency, term_months, is_trial, price_id, late_line_id, island
)

select * from final
