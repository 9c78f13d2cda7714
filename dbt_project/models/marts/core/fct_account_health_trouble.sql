-- Whether a customer is in trouble at the run's date, and so is offered nothing: the definition of
-- it. The risk tier is that of the published churn score, which is made later: the row of that tier
-- is the one that holds, that of `unknown` where there is no score.
with customers as (
    select
        account_id,
        as_of_date,
        invoices_overdue
    from {{ ref('int_account__day_feature') }}
    where is_customer and as_of_date = {{ as_of() }}
),

health as (
    select * from {{ ref('fct_account_health') }}
),

contracts as (
    select * from {{ ref('int_account__commercial_state') }}
),

tiers as (
    select 'unknown' as risk_tier
    union all
    select 'low' as risk_tier
    union all
    select 'medium' as risk_tier
    union all
    select 'high' as risk_tier
    union all
    select 'critical' as risk_tier
),

final as (
    select
        customers.account_id,
        customers.as_of_date,
        cast(tiers.risk_tier as {{ dbt.type_string() }}) as risk_tier,
        case
            when contracts.is_at_notice then 'All that it pays for is cancelled'
            when customers.invoices_overdue > 0 then 'An invoice is overdue'
            when health.health_band = 'at_risk' then 'Its health is poor'
            when {{ is_tier_of_trouble('tiers.risk_tier') }} then 'It is among those to call first'
            when coalesce(health.health_band, 'unknown') = 'unknown' then 'Its health is not known'
        end as trouble
    from customers
    cross join tiers
    left outer join health
        on
            customers.account_id = health.account_id
            and customers.as_of_date = health.as_of_date
    left outer join contracts
        on customers.account_id = contracts.account_id
)

select * from final
