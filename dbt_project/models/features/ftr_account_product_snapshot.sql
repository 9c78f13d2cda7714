-- Which of the products on sale an account has at a date, and whether it buys one in the horizon.
with snapshots as (
    select
        account_id,
        as_of_date
    from {{ ref('ftr_account_snapshot') }}
    where is_customer
),

periods as (
    select
        account_id,
        product,
        mrr,
        ended_on,
        greatest(started_on, known_on) as started_on
    from {{ ref('int_revenue__subscription_period') }}
    where mrr > 0 and product is not null and account_id is not null
),

products as (
    select
        product,
        min(started_on) as first_sold_on
    from periods
    group by product
),

pairs as (
    select
        snapshots.account_id,
        snapshots.as_of_date,
        products.product
    from snapshots
    inner join products on snapshots.as_of_date >= products.first_sold_on
),

holdings as (
    select
        pairs.account_id,
        pairs.as_of_date,
        pairs.product,
        max(
            case
                when
                    periods.started_on <= pairs.as_of_date
                    and (periods.ended_on is null or pairs.as_of_date < periods.ended_on)
                    then 1
                else 0
            end
        ) as owned,
        max(
            case
                when
                    periods.started_on > pairs.as_of_date
                    and periods.started_on
                    <= {{ add_days('pairs.as_of_date', var('horizon_days')) }}
                    then periods.mrr
                else 0
            end
        ) as started_mrr
    from pairs
    left outer join periods
        on pairs.account_id = periods.account_id and pairs.product = periods.product
    group by pairs.account_id, pairs.as_of_date, pairs.product
),

final as (
    select
        account_id,
        as_of_date,
        product,
        owned = 1 as owns_product,
        {{ add_days('as_of_date', var('horizon_days')) }} <= {{ as_of() }} as is_known,
        owned = 0 and started_mrr > 0 as is_bought,
        case when owned = 0 then started_mrr else 0 end as bought_mrr,
        round(
            cast(sum(owned) over (partition by as_of_date, product) as numeric)
            / count(*) over (partition by as_of_date, product),
            6
        ) as peers_share
    from holdings
)

select * from final
