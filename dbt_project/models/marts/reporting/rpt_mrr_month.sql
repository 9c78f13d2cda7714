with movement as (
    select * from {{ ref('fct_mrr_movement') }}
    where month <= {{ as_of() }}
),

retention as (
    select * from {{ ref('rpt_revenue_retention') }}
),

monthly as (
    select
        month,
        sum(opening_mrr) as opening_mrr,
        sum(new_mrr) as new_mrr,
        sum(expansion_mrr) as expansion_mrr,
        sum(reactivation_mrr) as reactivation_mrr,
        sum(contraction_mrr) as contraction_mrr,
        sum(churned_mrr) as churned_mrr,
        sum(closing_mrr) as closing_mrr,
        count(case when closing_mrr > 0 then 1 end) as customers,
        count(case when new_mrr > 0 then 1 end) as new_customers,
        count(case when churned_mrr < 0 then 1 end) as lost_customers
    from movement
    group by month
),

final as (
    select
        monthly.month,
        monthly.opening_mrr,
        monthly.new_mrr,
        monthly.expansion_mrr,
        monthly.reactivation_mrr,
        monthly.contraction_mrr,
        monthly.churned_mrr,
        monthly.closing_mrr,
        monthly.closing_mrr * 12 as closing_arr,
        monthly.customers,
        monthly.new_customers,
        monthly.lost_customers,
        retention.gross_revenue_retention,
        retention.net_revenue_retention
    from monthly
    left outer join retention on monthly.month = retention.month
)

select * from final
