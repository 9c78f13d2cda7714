-- The one definition of GRR and NRR: the customers of twelve months ago, and what they pay now.
with movement as (
    select
        account_id,
        month,
        closing_mrr
    from {{ ref('fct_mrr_movement') }}
),

month_end as (
    select month
    from movement
    group by month
),

cohort as (
    select
        movement.account_id,
        movement.closing_mrr as opening_mrr,
        cast({{ dbt.dateadd('month', 12, 'movement.month') }} as date) as month
    from movement
    where movement.closing_mrr > 0
),

paired as (
    select
        cohort.month,
        cohort.opening_mrr,
        coalesce(movement.closing_mrr, 0) as closing_mrr
    from cohort
    inner join month_end on cohort.month = month_end.month
    left outer join movement
        on cohort.account_id = movement.account_id and cohort.month = movement.month
),

final as (
    select
        month,
        count(*) as cohort_accounts,
        sum(case when closing_mrr > 0 then 1 else 0 end) as kept_accounts,
        sum(opening_mrr) as opening_mrr,
        sum(least(opening_mrr, closing_mrr)) as retained_mrr,
        sum(closing_mrr) as closing_mrr,
        cast(sum(least(opening_mrr, closing_mrr)) / sum(opening_mrr) as double precision)
            as gross_revenue_retention,
        cast(sum(closing_mrr) / sum(opening_mrr) as double precision) as net_revenue_retention
    from paired
    group by month
)

select * from final
