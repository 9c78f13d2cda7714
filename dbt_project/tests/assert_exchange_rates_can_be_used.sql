-- A rate is crossed with the reporting currency's rate of its month: where that one is missing,
-- or a rate is not above 0, an amount would be converted at another month's rate without a word.
-- Complete seeds/exchange_rate.csv.
with rates as (
    select * from {{ ref('exchange_rate') }}
),

crossed as (
    select
        rates.rate_month,
        rates.currency,
        rates.usd_per_unit,
        reporting.usd_per_unit as reporting_usd_per_unit
    from rates
    left outer join rates as reporting
        on
            rates.rate_month = reporting.rate_month
            and upper(reporting.currency) = '{{ var("reporting_currency") }}'
)

select * from crossed
where not coalesce(usd_per_unit > 0 and reporting_usd_per_unit > 0, false)
