select
    as_of_date,
    health_band,
    band_label,
    band_order,
    accounts,
    share_of_accounts
from rpt_health_band_week
order by as_of_date
