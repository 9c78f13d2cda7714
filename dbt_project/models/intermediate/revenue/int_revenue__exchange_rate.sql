-- What one unit of a currency is worth in the reporting currency, from a day to before a day. The
-- last known rate is carried forward, the first one backward.
with rates as (
    select
        cast(rate_month as date) as rate_month,
        upper(currency) as currency,
        cast(usd_per_unit as numeric) as usd_per_unit
    from {{ ref('exchange_rate') }}
),

crossed as (
    select
        rates.currency,
        rates.rate_month,
        round(rates.usd_per_unit / reporting.usd_per_unit, 8) as rate,
        lag(rates.rate_month) over currency_months as previous_month,
        lead(rates.rate_month) over currency_months as next_month
    from rates
    inner join rates as reporting
        on
            rates.rate_month = reporting.rate_month
            and reporting.currency = '{{ var("reporting_currency") }}'
    where rates.currency <> '{{ var("reporting_currency") }}'
    window currency_months as (partition by rates.currency order by rates.rate_month)
),

final as (
    select
        currency,
        case
            when previous_month is null then cast('1900-01-01' as date)
            else rate_month
        end as valid_from,
        coalesce(next_month, cast('9999-12-31' as date)) as valid_to,
        rate
    from crossed
    union all
    select
        '{{ var("reporting_currency") }}' as currency,
        cast('1900-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to,
        cast(1 as numeric) as rate
)

select * from final
