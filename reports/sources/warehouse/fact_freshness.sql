select
    source_fact_id,
    source,
    fact_label,
    fact_order,
    last_record_date,
    age_days,
    records
from rpt_fact_freshness
order by source_fact_id
