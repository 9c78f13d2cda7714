{{ config(enabled=source_enabled('stripe')) }}

-- From when to when each line of an item counts. A change (a proration, usage, or a regular line
-- that begins within the term before it: a switch to another interval, a new billing day, an
-- invoice made anew) counts from the day it was invoiced and ends what it changes; of several
-- changes on one day the last one counts. A proration on the first invoice of a subscription
-- changes nothing: it pays for days since a back-dated start. A credit covers nothing, it only
-- ends. So nothing that is invoiced after a day changes what was known to be active on it.
with lines as (
    select * from {{ ref('int_revenue__stripe_line') }}
    where ended_on > started_on
),

-- Of what had been invoiced before a regular line, the last to begin: a term that was left long ago
-- has not run out by its dates, but the one that followed it has.
begun_before as (
    select
        regular.invoice_line_id,
        regular.started_on,
        other.ended_on as other_ended_on,
        rank() over (
            partition by regular.invoice_line_id
            order by other.started_on desc
        ) as recency
    from lines as regular
    inner join lines as other
        on
            regular.subscription_item_id = other.subscription_item_id
            and regular.started_on >= other.started_on
            and regular.known_at > other.known_at
    where
        not regular.is_proration
        and not other.is_credit
),

within_another as (
    select invoice_line_id
    from begun_before
    where
        recency = 1
        and other_ended_on > started_on
    group by invoice_line_id
),

classified as (
    select
        lines.*,
        lines.is_metered
        or (lines.is_proration and (lines.is_credit or not lines.is_first_invoice))
        or within_another.invoice_line_id is not null as is_change
    from lines
    left outer join within_another
        on lines.invoice_line_id = within_another.invoice_line_id
),

effective as (
    select
        *,
        case when is_change then greatest(started_on, known_on) else started_on end as counts_from
    from classified
),

changes as (
    select
        subscription_item_id,
        counts_from as changed_on
    from effective
    where is_change and ended_on > counts_from
    group by subscription_item_id, counts_from
),

covering as (
    select
        *,
        dense_rank() over (
            partition by
                subscription_item_id,
                case when is_change then cast(counts_from as text) else invoice_line_id end
            order by period_started_at desc, known_at desc, invoice_id desc
        ) as change_recency
    from effective
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
            and covering.ended_on > changes.changed_on
            and (
                covering.counts_from < changes.changed_on
                or (covering.counts_from = changes.changed_on and not covering.is_change)
            )
    group by covering.invoice_line_id
),

final as (
    select
        covering.invoice_line_id,
        covering.customer_id,
        covering.subscription_id,
        covering.subscription_item_id,
        covering.price_id,
        covering.product,
        covering.plan,
        covering.seats,
        covering.mrr_original,
        covering.currency,
        covering.term_months,
        covering.is_trial,
        covering.counts_from as started_on,
        least(covering.ended_on, cut.changed_on) as ended_on,
        covering.renewal_on,
        covering.cancelled_on,
        covering.known_at,
        covering.known_on,
        case when covering.known_on > covering.counts_from then covering.invoice_line_id else '' end
            as late_line_id,
        row_number() over (
            partition by
                covering.invoice_id, covering.subscription_item_id, covering.price_id,
                covering.mrr_original, covering.seats, covering.counts_from
            order by covering.invoice_line_id
        ) as copy_no
    from covering
    left outer join cut
        on covering.invoice_line_id = cut.invoice_line_id
    where
        covering.change_recency = 1
        and least(covering.ended_on, cut.changed_on) > covering.counts_from
)

select * from final
