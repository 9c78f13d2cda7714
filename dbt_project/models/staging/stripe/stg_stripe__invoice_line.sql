-- One line of an invoice, in the shape of older and of newer versions of the API alike.
with invoices as (
    select * from {{ ref('stg_stripe__invoice') }}
),

prices as (
    select * from {{ ref('stg_stripe__price') }}
),

unnested as (
    select
        invoices.invoice_id,
        invoices.customer_id,
        invoices.subscription_id as invoice_subscription_id,
        invoices.currency as invoice_currency,
        invoices.created_at as invoice_created_at,
        invoices.voided_at as invoice_voided_at,
        invoices.discounts,
        element.line
    from invoices
    cross join {{ json_elements('invoices.lines', 'element', 'line') }}
),

named as (
    select
        {{ json_path_text('line', ['id']) }} as invoice_line_id,
        invoice_id,
        customer_id,
        invoice_created_at,
        invoice_voided_at,
        coalesce(
            {{ json_path_text('line', ['subscription']) }},
            {{ json_path_text(
                'line', ['parent', 'subscription_item_details', 'subscription']
            ) }},
            invoice_subscription_id
        ) as subscription_id,
        coalesce(
            {{ json_path_text('line', ['subscription_item']) }},
            {{ json_path_text(
                'line', ['parent', 'subscription_item_details', 'subscription_item']
            ) }}
        ) as subscription_item_id,
        coalesce(
            {{ json_path_text('line', ['price', 'id']) }},
            {{ json_path_text('line', ['pricing', 'price_details', 'price']) }}
        ) as price_id,
        coalesce(
            {{ json_path_text('line', ['price', 'product']) }},
            {{ json_path_text('line', ['pricing', 'price_details', 'product']) }}
        ) as product_id,
        {{ json_path_text('line', ['price', 'nickname']) }} as price_nickname,
        {{ json_path_text('line', ['price', 'recurring', 'interval']) }} as interval_unit,
        cast({{ json_path_text('line', ['price', 'recurring', 'interval_count']) }} as numeric)
            as interval_count,
        {{ json_path_text('line', ['price', 'recurring', 'usage_type']) }} as usage_type,
        coalesce(
            cast({{ json_path_text('line', ['price', 'unit_amount']) }} as numeric),
            cast({{ json_path_text('line', ['price', 'unit_amount_decimal']) }} as numeric),
            cast({{ json_path_text('line', ['pricing', 'unit_amount_decimal']) }} as numeric)
        ) as unit_amount,
        cast({{ json_path_text('line', ['quantity']) }} as numeric) as quantity,
        cast({{ json_path_text('line', ['amount']) }} as numeric) as amount,
        {{ sum_of_json_numbers(json_path_value('line', ['discount_amounts']), 'amount') }}
            as discount,
        {{ sum_of_once_discounts(json_path_value('line', ['discount_amounts']), 'discounts') }}
            as once_discount,
        upper(coalesce({{ json_path_text('line', ['currency']) }}, invoice_currency)) as currency,
        coalesce(
            cast({{ json_path_text('line', ['proration']) }} as boolean),
            cast({{ json_path_text(
                'line', ['parent', 'subscription_item_details', 'proration']
            ) }} as boolean),
            false
        ) as is_proration,
        {{ from_unix_seconds(
            'cast(' ~ json_path_text('line', ['period', 'start']) ~ ' as numeric)'
        ) }} as period_started_at,
        {{ from_unix_seconds(
            'cast(' ~ json_path_text('line', ['period', 'end']) ~ ' as numeric)'
        ) }} as period_ended_at
    from unnested
),

final as (
    select
        named.invoice_line_id,
        named.invoice_id,
        named.customer_id,
        named.subscription_id,
        coalesce(named.subscription_item_id, named.price_id) as subscription_item_id,
        named.price_id,
        coalesce(named.product_id, prices.product_id) as product_id,
        coalesce(named.price_nickname, prices.nickname) as price_nickname,
        coalesce(named.interval_unit, prices.interval_unit) as interval_unit,
        coalesce(named.interval_count, prices.interval_count, 1) as interval_count,
        named.quantity,
        {{ from_minor_units('coalesce(named.unit_amount, prices.unit_amount)', 'named.currency') }}
            as unit_amount,
        {{ from_minor_units('named.amount', 'named.currency') }} as amount,
        {{ from_minor_units('named.discount', 'named.currency') }} as discount,
        {{ from_minor_units('named.discount - named.once_discount', 'named.currency') }}
            as recurring_discount,
        named.currency,
        named.is_proration,
        coalesce(named.usage_type, prices.usage_type, 'licensed') = 'metered' as is_metered,
        named.period_started_at,
        named.period_ended_at,
        named.invoice_created_at,
        named.invoice_voided_at
    from named
    left outer join prices
        on named.price_id = prices.price_id
)

select * from final
