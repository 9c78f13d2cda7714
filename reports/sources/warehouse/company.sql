select
    company_key,
    company_name,
    is_synthetic,
    as_of_date,
    reporting_currency,
    horizon_days,
    grace_days,
    reporting_timezone
from rpt_company
order by company_key
