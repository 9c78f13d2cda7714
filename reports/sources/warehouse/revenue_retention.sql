select
    month,
    cohort_accounts,
    kept_accounts,
    opening_mrr,
    retained_mrr,
    closing_mrr,
    gross_revenue_retention,
    net_revenue_retention
from rpt_revenue_retention
order by month
