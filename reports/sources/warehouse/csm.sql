select
    csm_key,
    csm_name,
    customers,
    arr,
    arr_at_risk,
    at_risk_customers,
    renewals_90d,
    renewing_arr,
    open_alerts,
    average_health_points,
    csm_url
from rpt_csm
order by csm_key
