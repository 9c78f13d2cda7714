select
    alert_id,
    account_id,
    alert_label,
    severity,
    severity_order,
    state,
    opened_date,
    closed_date,
    detail
from rpt_account_alert
order by account_id, opened_date, alert_id
