select
    step_number,
    step_label,
    step_kind,
    amount,
    bar_start,
    bar_length
from rpt_mrr_bridge
order by step_number
