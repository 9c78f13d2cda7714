select
    model_monitor_id,
    model_name,
    as_of_date,
    is_flagged,
    monitor_text
from rpt_model_monitor
order by model_monitor_id
