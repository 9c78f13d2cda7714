{# CTEs that end in stripe_active: for each month's end of the CTE sample_date, the invoice lines in
   force. Only for the test that rebuilds closing MRR; the models take another road. #}
{% macro stripe_lines_in_force() -%}
    stripe_first_invoice as (
        select
            subscription_id,
            min(invoice_created_at) as created_at
        from {{ ref('stg_stripe__invoice_line') }}
        where
            interval_unit is not null
            and period_ended_at > period_started_at
            and (amount >= 0 or is_proration)
        group by subscription_id
    ),

    stripe_line as (
        select
            lines.invoice_line_id,
            lines.invoice_id,
            lines.customer_id,
            lines.subscription_item_id,
            lines.price_id,
            lines.currency,
            case when not lines.is_metered then lines.quantity end as quantity,
            lines.invoice_created_at,
            lines.period_started_at,
            lines.amount < 0 as is_credit,
            lines.is_proration,
            lines.is_metered,
            lines.invoice_created_at = stripe_first_invoice.created_at as is_first_invoice,
            case
                when lines.is_metered
                    then {{ date_in_reporting_tz('lines.invoice_created_at') }}
                else {{ date_in_reporting_tz('lines.period_started_at') }}
            end as started_on,
            {{ date_in_reporting_tz('lines.invoice_created_at') }} as known_on,
            case
                when lines.is_metered
                    then least(
                        {{ add_days(
                            date_in_reporting_tz('lines.invoice_created_at'),
                            "cast(lines.interval_count * case lines.interval_unit"
                            ~ " when 'year' then 366 when 'month' then 31 when 'week' then 7"
                            ~ " when 'day' then 1 end as integer)"
                        ) }},
                        {{ date_in_reporting_tz(
                            'least(lines.invoice_voided_at, subscriptions.ended_at)'
                        ) }}
                    )
                else {{ date_in_reporting_tz(
                    'least('
                    ~ 'lines.period_ended_at, lines.invoice_voided_at, subscriptions.ended_at)'
                ) }}
            end as ended_on,
            round(
                case
                    when lines.is_proration
                        then
                            lines.unit_amount * coalesce(lines.quantity, 1)
                            * (1 - coalesce(lines.recurring_discount / nullif(lines.amount, 0), 0))
                    else lines.amount - lines.recurring_discount
                end
                * case lines.interval_unit
                    when 'year' then 1 when 'month' then 12 when 'week' then 52 when 'day' then 365
                end / (12 * lines.interval_count),
                4
            ) as mrr
        from {{ ref('stg_stripe__invoice_line') }} as lines
        left outer join {{ ref('stg_stripe__subscription') }} as subscriptions
            on lines.subscription_id = subscriptions.subscription_id
        inner join stripe_first_invoice
            on lines.subscription_id = stripe_first_invoice.subscription_id
        where
            lines.subscription_id is not null
            and lines.interval_unit is not null
            and (lines.amount >= 0 or lines.is_proration)
    ),

    stripe_valid as (
        select * from stripe_line
        where ended_on > started_on and mrr is not null
    ),

    -- where the terms end that had begun, as was known, when a regular line began
    stripe_term_before as (
        select
            stripe_valid.invoice_line_id,
            stripe_valid.started_on,
            before.started_on as before_started_on,
            max(before.ended_on) as before_ended_on,
            max(before.started_on) over (partition by stripe_valid.invoice_line_id)
                as last_started_on
        from stripe_valid
        inner join stripe_valid as before
            on
                stripe_valid.subscription_item_id = before.subscription_item_id
                and before.started_on <= stripe_valid.started_on
                and before.invoice_created_at < stripe_valid.invoice_created_at
        where not stripe_valid.is_proration and not before.is_credit
        group by
            stripe_valid.invoice_line_id, stripe_valid.started_on, before.started_on
    ),

    stripe_changes as (
        select
            stripe_valid.*,
            stripe_valid.is_metered
            or (
                stripe_valid.is_proration
                and (stripe_valid.is_credit or not stripe_valid.is_first_invoice)
            )
            or coalesce(
                stripe_term_before.before_ended_on > stripe_valid.started_on, false
            ) as is_change
        from stripe_valid
        left outer join stripe_term_before
            on
                stripe_valid.invoice_line_id = stripe_term_before.invoice_line_id
                and stripe_term_before.before_started_on = stripe_term_before.last_started_on
    ),

    stripe_from as (
        select
            stripe_changes.*,
            case when is_change then greatest(started_on, known_on) else started_on end
                as counts_from
        from stripe_changes
    ),

    -- the days on which something begins; what begins then stands until the next of them
    stripe_turn as (
        select
            subscription_item_id,
            counts_from,
            lag(counts_from) over item_turns as turn_before,
            lead(counts_from) over item_turns as turn_after
        from stripe_from
        where ended_on > counts_from
        group by subscription_item_id, counts_from
        window item_turns as (partition by subscription_item_id order by counts_from)
    ),

    stripe_ranked as (
        select
            stripe_from.*,
            stripe_turn.turn_before,
            least(stripe_from.ended_on, stripe_turn.turn_after) as stands_until,
            concat_ws(
                '|',
                stripe_from.subscription_item_id, stripe_from.price_id, stripe_from.currency,
                stripe_from.mrr, stripe_from.quantity
            ) as price_key,
            dense_rank() over (
                partition by stripe_from.subscription_item_id, stripe_from.counts_from
                order by
                    stripe_from.is_change desc,
                    stripe_from.is_credit asc,
                    case when stripe_from.is_change then stripe_from.period_started_at end desc,
                    case when stripe_from.is_change then stripe_from.invoice_created_at end desc
            ) as recency
        from stripe_from
        inner join stripe_turn
            on
                stripe_from.subscription_item_id = stripe_turn.subscription_item_id
                and stripe_from.counts_from = stripe_turn.counts_from
        where stripe_from.ended_on > stripe_from.counts_from
    ),

    standing as (
        select * from stripe_ranked
        where recency = 1 and not is_credit and mrr > 0
    ),

    -- a price begins where the turn before it was no other, or not known yet
    price_start as (
        select
            standing.price_key,
            standing.counts_from
        from standing
        left outer join standing as before
            on
                standing.price_key = before.price_key
                and standing.turn_before = before.counts_from
                and standing.counts_from <= before.ended_on
                and greatest(standing.counts_from, standing.known_on) >= before.known_on
        where before.price_key is null
    ),

    stripe_active as (
        select
            sample_date.month,
            standing.invoice_line_id,
            standing.customer_id as source_id,
            standing.mrr,
            standing.currency,
            max(price_start.counts_from) as priced_on
        from sample_date
        inner join standing
            on
                sample_date.sampled_date >= standing.counts_from
                and sample_date.sampled_date < standing.stands_until
        inner join price_start
            on
                standing.price_key = price_start.price_key
                and standing.counts_from >= price_start.counts_from
        group by
            sample_date.month, standing.invoice_line_id, standing.customer_id, standing.mrr,
            standing.currency
    ),
{%- endmacro %}
