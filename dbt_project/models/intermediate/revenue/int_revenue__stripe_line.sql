{{ config(enabled=source_enabled('stripe')) }}

-- What each recurring invoice line says: this item, at this monthly price net of the discounts that
-- recur, for [started_on, ended_on). A proration stands for the full price that it goes over to. A
-- line that bills past usage stands for the term that begins with its invoice, at most a long one:
-- the next one ends it.
with lines as (
    select * from {{ ref('stg_stripe__invoice_line') }}
    where
        interval_unit is not null
        and subscription_id is not null
        and (amount >= 0 or is_proration)
        and period_ended_at > period_started_at
),

subscriptions as (
    select * from {{ ref('stg_stripe__subscription') }}
),

products as (
    select * from {{ ref('int_revenue__product') }}
    where source = 'stripe'
),

measured as (
    select
        lines.*,
        case lines.interval_unit
            when 'year' then 12 * lines.interval_count
            when 'month' then lines.interval_count
            when 'week' then lines.interval_count * 12.0 / 52
            when 'day' then lines.interval_count * 12.0 / 365
        end as interval_months,
        case
            when lines.is_proration
                then
                    lines.unit_amount * coalesce(lines.quantity, 1)
                    * (1 - coalesce(lines.recurring_discount / nullif(lines.amount, 0), 0))
            else lines.amount - lines.recurring_discount
        end as net_amount,
        lines.invoice_created_at
        = min(lines.invoice_created_at) over (partition by lines.subscription_id)
            as is_first_invoice,
        case lines.interval_unit
            when 'year' then 366 * lines.interval_count
            when 'month' then 31 * lines.interval_count
            when 'week' then 7 * lines.interval_count
            when 'day' then lines.interval_count
        end as longest_days,
        -- Each tier of a price has a line of its own with the seats that fall into it.
        sum(lines.quantity) over (
            partition by
                lines.invoice_id, lines.subscription_item_id, lines.price_id,
                lines.period_started_at, lines.period_ended_at,
                lines.is_proration, lines.amount < 0
        ) as item_quantity,
        {{ date_in_reporting_tz('lines.period_started_at') }} as period_started_on,
        {{ date_in_reporting_tz('lines.period_ended_at') }} as period_ended_on,
        {{ date_in_reporting_tz('lines.invoice_created_at') }} as known_on,
        {{ date_in_reporting_tz('lines.invoice_voided_at') }} as voided_on
    from lines
),

final as (
    select
        measured.invoice_line_id,
        measured.invoice_id,
        measured.customer_id,
        measured.subscription_id,
        measured.subscription_item_id,
        measured.price_id,
        coalesce(products.product, measured.product_id) as product,
        measured.price_nickname as plan,
        case when not measured.is_metered then cast(measured.item_quantity as integer) end as seats,
        case
            when
                measured.amount = 0
                and measured.period_started_at < subscriptions.trial_ends_at
                then 0
            else round(measured.net_amount / measured.interval_months, 4)
        end as mrr_original,
        coalesce(
            measured.amount = 0
            and measured.period_started_at < subscriptions.trial_ends_at,
            false
        ) as is_trial,
        measured.currency,
        cast(floor(measured.interval_months) as integer) as term_months,
        measured.is_proration,
        measured.is_metered,
        measured.is_first_invoice,
        measured.amount < 0 as is_credit,
        measured.period_started_at,
        case when measured.is_metered then measured.known_on else measured.period_started_on end
            as started_on,
        least(
            case
                when measured.is_metered
                    then
                        {{ add_days(
                            'measured.known_on', 'cast(measured.longest_days as integer)'
                        ) }}
                else measured.period_ended_on
            end,
            measured.voided_on,
            {{ date_in_reporting_tz('subscriptions.ended_at') }}
        ) as ended_on,
        case when not measured.is_metered then measured.period_ended_on end as renewal_on,
        {{ date_in_reporting_tz('subscriptions.cancelled_at') }} as cancelled_on,
        measured.invoice_created_at as known_at,
        measured.known_on
    from measured
    left outer join subscriptions
        on measured.subscription_id = subscriptions.subscription_id
    left outer join products
        on measured.product_id = products.product_id
    where measured.net_amount is not null and measured.interval_months > 0
)

select * from final
