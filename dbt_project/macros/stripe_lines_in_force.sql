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

    stripe_changes as (
        select
            stripe_line.*,
            is_metered or (is_proration and (is_credit or not is_first_invoice)) or (
                not is_proration and exists (
                    select 1
                    from stripe_line as other
                    where
                        (
                            stripe_line.known_on > stripe_line.started_on
                            or other.invoice_created_at < stripe_line.invoice_created_at
                        )
                        and other.subscription_item_id = stripe_line.subscription_item_id
                        and other.invoice_id <> stripe_line.invoice_id
                        and not other.is_credit
                        and stripe_line.started_on >= other.started_on
                        and stripe_line.started_on < other.ended_on
                )
            ) as is_change
        from stripe_line
        where ended_on > started_on and mrr is not null
    ),

    stripe_from as (
        select
            stripe_changes.*,
            case when is_change then greatest(started_on, known_on) else started_on end
                as counts_from
        from stripe_changes
    ),

    in_force as (
        select
            sample_date.month,
            stripe_from.*,
            dense_rank() over (
                partition by sample_date.month, stripe_from.subscription_item_id
                order by
                    stripe_from.counts_from desc,
                    stripe_from.is_change desc,
                    stripe_from.is_credit asc,
                    case when stripe_from.is_change then stripe_from.period_started_at end desc,
                    case when stripe_from.is_change then stripe_from.invoice_created_at end desc
            ) as recency
        from sample_date
        inner join stripe_from
            on
                stripe_from.counts_from <= sample_date.sampled_date
                and sample_date.sampled_date < stripe_from.ended_on
    ),

    keyed as (
        select
            *,
            concat_ws('|', subscription_item_id, price_id, mrr, quantity) as price_key
        from in_force
        where recency = 1 and not is_credit and mrr > 0
    ),

    alike as (
        select
            counts_from,
            ended_on,
            known_on,
            concat_ws('|', subscription_item_id, price_id, mrr, quantity) as price_key
        from stripe_from
        where not is_credit
    ),

    -- a price begins with a line that follows no other of its kind that was known by then
    price_start as (
        select
            alike.price_key,
            alike.counts_from
        from alike
        left outer join alike as before
            on
                alike.price_key = before.price_key
                and before.counts_from < alike.counts_from
                and before.ended_on >= alike.counts_from
                and before.known_on <= greatest(alike.counts_from, alike.known_on)
        where before.price_key is null
    ),

    stripe_active as (
        select
            keyed.month,
            keyed.invoice_line_id,
            keyed.customer_id as source_id,
            keyed.mrr,
            keyed.currency,
            max(price_start.counts_from) as priced_on
        from keyed
        inner join price_start
            on
                keyed.price_key = price_start.price_key
                and price_start.counts_from <= keyed.counts_from
        group by
            keyed.month, keyed.invoice_line_id, keyed.customer_id, keyed.mrr, keyed.currency
    ),
{%- endmacro %}
