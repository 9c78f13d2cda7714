-- What an account pays for each product that it has at a date, what the next dearer plan would add,
-- and by how much it grew in the horizon: by more seats at the old price, by a dearer plan for the
-- old seats. A price without seats counts as one seat.
with snapshots as (
    select
        account_id,
        as_of_date
    from {{ ref('ftr_account_snapshot') }}
    where is_customer
),

moments as (
    select
        account_id,
        as_of_date,
        as_of_date as on_date
    from snapshots
    union all
    select
        account_id,
        as_of_date,
        {{ add_days('as_of_date', var('horizon_days')) }} as on_date
    from snapshots
),

periods as (
    select
        account_id,
        product,
        plan,
        mrr,
        ended_on,
        seats,
        greatest(started_on, known_on) as started_on
    from {{ ref('int_revenue__subscription_period') }}
    where mrr > 0 and product is not null and account_id is not null
),

held as (
    select
        moments.account_id,
        moments.as_of_date,
        moments.on_date,
        periods.product,
        max(periods.plan) as plan,
        sum(periods.mrr) as mrr,
        coalesce(nullif(max(periods.seats), 0), 1) as units
    from moments
    inner join periods
        on
            moments.account_id = periods.account_id
            and moments.on_date >= periods.started_on
            and (periods.ended_on is null or moments.on_date < periods.ended_on)
    group by moments.account_id, moments.as_of_date, moments.on_date, periods.product
),

owned as (
    select * from held
    where on_date = as_of_date
),

later as (
    select * from held
    where on_date > as_of_date
),

plan_prices as (
    select
        as_of_date,
        product,
        plan,
        sum(mrr) / sum(units) as price
    from owned
    where plan is not null
    group by as_of_date, product, plan
),

-- Plans that cost hardly more are the same plan in another currency or for another term.
next_prices as (
    select
        owned.account_id,
        owned.as_of_date,
        owned.product,
        min(plan_prices.price) as next_price
    from owned
    inner join plan_prices
        on
            owned.as_of_date = plan_prices.as_of_date
            and owned.product = plan_prices.product
            and owned.plan <> plan_prices.plan
            and owned.mrr * 1.25 < plan_prices.price * owned.units
    group by owned.account_id, owned.as_of_date, owned.product
),

final as (
    select
        owned.account_id,
        owned.as_of_date,
        owned.product,
        owned.plan,
        cast(owned.units as integer) as units,
        cast(round(owned.mrr, 4) as numeric) as mrr,
        cast(round(next_prices.next_price * owned.units - owned.mrr, 4) as numeric)
            as next_plan_mrr,
        case
            when later.units > owned.units
                then round(owned.mrr / owned.units * (later.units - owned.units), 4)
            else 0
        end as seats_gain_mrr,
        case
            when
                later.plan <> owned.plan
                and later.mrr * owned.units > owned.mrr * later.units * 1.05
                then round(later.mrr / later.units * owned.units - owned.mrr, 4)
            else 0
        end as plan_gain_mrr,
        case
            when later.mrr > owned.mrr * 1.05 then round(later.mrr - owned.mrr, 4)
            else 0
        end as gain_mrr
    from owned
    left outer join later
        on
            owned.account_id = later.account_id
            and owned.as_of_date = later.as_of_date
            and owned.product = later.product
    left outer join next_prices
        on
            owned.account_id = next_prices.account_id
            and owned.as_of_date = next_prices.as_of_date
            and owned.product = next_prices.product
)

select * from final
