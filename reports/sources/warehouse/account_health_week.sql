select
    account_week_id,
    account_id,
    as_of_date,
    health_points,
    band_label
from rpt_account_health_week
order by account_id, as_of_date
