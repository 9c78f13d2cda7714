select
    fact_label,
    fact_order,
    last_record_date,
    facts,
    age_days
from rpt_fact_freshness
order by fact_label
