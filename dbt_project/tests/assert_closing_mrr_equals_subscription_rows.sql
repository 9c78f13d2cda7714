-- Closing MRR once counted a customer twice whose invoice was made anew. So it is rebuilt here from
-- the staged rows by another road: for each item of a subscription, the line in force at the
-- month's end, instead of periods that were cut and merged; both must agree to the last digit.
{% set far = "cast('9999-12-31' as date)" %}
with movement as (
    select
        account_id,
        month,
        sampled_date,
        closing_mrr
    from {{ ref('fct_mrr_movement') }}
),

sample_date as (
    select
        month,
        max(sampled_date) as sampled_date
    from movement
    group by month
),

{% if source_enabled('stripe') -%}
    stripe_line as (
        select
            lines.invoice_line_id,
            lines.invoice_id,
            lines.customer_id,
            lines.subscription_item_id,
            lines.price_id,
            lines.currency,
            lines.quantity,
            lines.invoice_created_at,
            lines.period_started_at,
            lines.amount < 0 as is_credit,
            lines.is_proration,
            {{ date_in_reporting_tz('lines.period_started_at') }} as started_on,
            {{ date_in_reporting_tz('lines.invoice_created_at') }} as known_on,
            {{ date_in_reporting_tz(
                'least(lines.period_ended_at, lines.invoice_voided_at, subscriptions.ended_at)'
            ) }} as ended_on,
            round(
                case
                    when lines.is_proration
                        then
                            lines.unit_amount * coalesce(lines.quantity, 1)
                            * (1 - coalesce(lines.discount / nullif(lines.amount, 0), 0))
                    else lines.amount - lines.discount
                end
                * case lines.interval_unit
                    when 'year' then 1 when 'month' then 12 when 'week' then 52 when 'day' then 365
                end / (12 * lines.interval_count),
                4
            ) as mrr
        from {{ ref('stg_stripe__invoice_line') }} as lines
        left join {{ ref('stg_stripe__subscription') }} as subscriptions
            on lines.subscription_id = subscriptions.subscription_id
        where
            lines.subscription_id is not null
            and lines.interval_unit is not null
            and (lines.amount >= 0 or lines.is_proration)
    ),

    stripe_from as (
        select
            stripe_line.*,
            case
                when is_proration then greatest(started_on, known_on)
                when
                    known_on > started_on and exists (
                        select 1
                        from stripe_line as other
                        where
                            other.subscription_item_id = stripe_line.subscription_item_id
                            and other.invoice_id <> stripe_line.invoice_id
                            and not other.is_credit
                            and stripe_line.started_on >= other.started_on
                            and stripe_line.started_on < other.ended_on
                    )
                    then known_on
                else started_on
            end as counts_from
        from stripe_line
        where ended_on > started_on and mrr is not null
    ),

    in_force as (
        select
            sample_date.month,
            stripe_from.*,
            dense_rank() over (
                partition by sample_date.month, stripe_from.subscription_item_id
                order by
                    stripe_from.counts_from desc,
                    stripe_from.is_credit,
                    case when stripe_from.counts_from > stripe_from.started_on
                            or stripe_from.is_proration
                            then stripe_from.period_started_at
                    end desc,
                    case when stripe_from.counts_from > stripe_from.started_on
                            or stripe_from.is_proration
                            then stripe_from.invoice_created_at
                    end desc
            ) as recency
        from sample_date
        inner join stripe_from
            on
                stripe_from.counts_from <= sample_date.sampled_date
                and sample_date.sampled_date < stripe_from.ended_on
    ),

    keyed as (
        select
            in_force.*,
            concat_ws(
                '|',
                subscription_item_id, price_id, mrr, quantity,
                case when known_on > counts_from then invoice_line_id end
            ) as price_key
        from in_force
        where recency = 1 and not is_credit and mrr > 0
    ),

    alike as (
        select
            counts_from,
            ended_on,
            concat_ws(
                '|',
                subscription_item_id, price_id, mrr, quantity,
                case when known_on > counts_from then invoice_line_id end
            ) as price_key
        from stripe_from
        where not is_credit
    ),

    -- a price begins with a line that follows no other of its kind
    price_start as (
        select
            alike.price_key,
            alike.counts_from
        from alike
        left join alike as before
            on
                alike.price_key = before.price_key
                and before.counts_from < alike.counts_from
                and before.ended_on >= alike.counts_from
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
{%- endif %}

active as (
    {% if source_enabled('stripe') -%}
        select
            month,
            'stripe' as source,
            source_id,
            mrr,
            currency,
            priced_on
        from stripe_active
        union all
    {%- endif %}
    {% if source_enabled('app') -%}
        select
            sample_date.month,
            'app' as source,
            subscriptions.account_id as source_id,
            subscriptions.mrr,
            coalesce(subscriptions.currency, '{{ var("reporting_currency") }}') as currency,
            subscriptions.started_on as priced_on
        from sample_date
        inner join {{ ref('stg_app__subscription') }} as subscriptions
            on
                sample_date.sampled_date >= subscriptions.started_on
                and sample_date.sampled_date
                < coalesce(subscriptions.ended_on, subscriptions.cancelled_on, {{ far }})
        where
            coalesce(subscriptions.billing_period, '') <> 'trial'
            and coalesce(lower(subscriptions.plan), '') <> 'trial'
        union all
    {%- endif %}
    select
        cast(null as date) as month,
        cast(null as {{ data_type('text') }}) as source,
        cast(null as {{ data_type('text') }}) as source_id,
        cast(null as {{ data_type('number') }}) as mrr,
        cast(null as {{ data_type('text') }}) as currency,
        cast(null as date) as priced_on
    where false
),

rebuilt as (
    select
        link.account_id,
        active.month,
        sum(round(active.mrr * rates.rate, 4)) as closing_mrr
    from active
    inner join {{ ref('account_source_link') }} as link
        on
            active.source = link.source
            and active.source_id = link.source_id
            and link.source_object in ('customer', 'account')
    inner join {{ ref('int_revenue__exchange_rate') }} as rates
        on
            active.currency = rates.currency
            and active.priced_on >= rates.valid_from
            and active.priced_on < rates.valid_to
    group by link.account_id, active.month
)

select
    coalesce(movement.account_id, rebuilt.account_id) as account_id,
    coalesce(movement.month, rebuilt.month) as month,
    movement.closing_mrr,
    rebuilt.closing_mrr as rebuilt_mrr
from movement
full outer join rebuilt
    on
        movement.account_id = rebuilt.account_id
        and movement.month = rebuilt.month
where coalesce(movement.closing_mrr, 0) <> coalesce(rebuilt.closing_mrr, 0)
