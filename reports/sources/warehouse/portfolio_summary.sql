select
    summary_key,
    customers,
    arr,
    arr_at_risk,
    arr_at_risk_share,
    at_risk_customers,
    at_risk_customers_arr,
    renewals_90d,
    renewing_arr,
    renewing_at_risk_arr,
    open_alerts,
    average_health_points,
    gross_revenue_retention,
    net_revenue_retention,
    cohort_accounts,
    kept_accounts,
    churn_verdict
from rpt_portfolio_summary
order by summary_key
