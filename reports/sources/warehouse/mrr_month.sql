select
    month,
    opening_mrr,
    new_mrr,
    expansion_mrr,
    reactivation_mrr,
    contraction_mrr,
    churned_mrr,
    closing_mrr,
    closing_arr,
    customers,
    new_customers,
    lost_customers,
    gross_revenue_retention,
    net_revenue_retention
from rpt_mrr_month
order by month
