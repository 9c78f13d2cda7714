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
        true as is_now,
        as_of_date as on_date
    from snapshots
    union all
    select
        account_id,
        as_of_date,
        false as is_now,
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

-- Both moments side by side: a join of the two would be one of every row with every other to a
-- planner that cannot know how many rows come out of here.
held as (
    select
        moments.account_id,
        moments.as_of_date,
        periods.product,
        max(case when moments.is_now then periods.plan end) as plan,
        sum(case when moments.is_now then periods.mrr end) as mrr,
        coalesce(nullif(max(case when moments.is_now then periods.seats end), 0), 1) as units,
        max(case when not moments.is_now then periods.plan end) as later_plan,
        sum(case when not moments.is_now then periods.mrr end) as later_mrr,
        coalesce(nullif(max(case when not moments.is_now then periods.seats end), 0), 1)
            as later_units
    from moments
    inner join periods
        on
            moments.account_id = periods.account_id
            and moments.on_date >= periods.started_on
            and (periods.ended_on is null or moments.on_date < periods.ended_on)
    group by moments.account_id, moments.as_of_date, periods.product
),

owned as (
    select * from held
    where mrr is not null
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
priced as (
    select
        owned.account_id,
        owned.as_of_date,
        owned.product,
        owned.plan,
        owned.mrr,
        owned.units,
        owned.later_plan,
        owned.later_mrr,
        owned.later_units,
        min(plan_prices.price) as next_price
    from owned
    left outer join plan_prices
        on
            owned.as_of_date = plan_prices.as_of_date
            and owned.product = plan_prices.product
            and owned.plan <> plan_prices.plan
            and owned.mrr * 1.25 < plan_prices.price * owned.units
    group by
        owned.account_id, owned.as_of_date, owned.product, owned.plan, owned.mrr, owned.units,
        owned.later_plan, owned.later_mrr, owned.later_units
),

final as (
    select
        account_id,
        as_of_date,
        product,
        plan,
        cast(units as integer) as units,
        cast(round(mrr, 4) as numeric) as mrr,
        cast(round(next_price * units - mrr, 4) as numeric) as next_plan_mrr,
        case
            when later_units > units then round(mrr / units * (later_units - units), 4)
            else 0
        end as seats_gain_mrr,
        case
            when later_plan <> plan and later_mrr * units > mrr * later_units * 1.05
                then round(later_mrr / later_units * units - mrr, 4)
            else 0
        end as plan_gain_mrr,
        case
            when later_mrr > mrr * 1.05 then round(later_mrr - mrr, 4)
            else 0
        end as gain_mrr
    from priced
)

select * from final
