select
    company_key,
    company_name,
    is_synthetic,
    as_of_date,
    reporting_currency,
    reporting_timezone,
    horizon_days,
    grace_days,
    healthy_from_points,
    watch_from_points
from rpt_company
order by company_key
