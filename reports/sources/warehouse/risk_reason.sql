select
    reason_label,
    customers,
    arr
from rpt_risk_reason
order by reason_label
