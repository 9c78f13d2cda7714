-- The headline figures, one row. Zeros, not nulls, when there is no customer yet.
with account as (
    select * from {{ ref('rpt_account') }}
    where is_active
),

retention as (
    select
        gross_revenue_retention,
        net_revenue_retention,
        cohort_accounts,
        kept_accounts,
        row_number() over (order by month desc) as recency
    from {{ ref('rpt_revenue_retention') }}
    where month <= {{ as_of() }}
),

model as (
    select verdict
    from {{ ref('rpt_model') }}
    where model_name = 'churn'
),

total as (
    select
        count(*) as customers,
        coalesce(sum(arr), 0) as arr,
        coalesce(sum(arr_at_risk), 0) as arr_at_risk,
        count(case when is_at_risk then 1 end) as at_risk_customers,
        coalesce(sum(case when is_at_risk then arr end), 0) as at_risk_customers_arr,
        count(case when is_renewing_soon then 1 end) as renewals_90d,
        coalesce(sum(case when is_renewing_soon then arr end), 0) as renewing_arr,
        coalesce(sum(case when is_renewing_soon and is_at_risk then arr end), 0)
            as renewing_at_risk_arr,
        coalesce(sum(open_alerts), 0) as open_alerts,
        round(avg(health_points), 0) as average_health_points
    from account
),

final as (
    select
        1 as summary_key,
        total.customers,
        total.arr,
        total.arr_at_risk,
        case when total.arr > 0 then total.arr_at_risk / total.arr end as arr_at_risk_share,
        total.at_risk_customers,
        total.at_risk_customers_arr,
        total.renewals_90d,
        total.renewing_arr,
        total.renewing_at_risk_arr,
        cast(total.open_alerts as bigint) as open_alerts,
        total.average_health_points,
        retention.gross_revenue_retention,
        retention.net_revenue_retention,
        retention.cohort_accounts,
        retention.kept_accounts,
        cast(coalesce(model.verdict, 'none') as varchar) as churn_verdict
    from total
    left outer join retention on retention.recency = 1
    left outer join model on true
)

select * from final
