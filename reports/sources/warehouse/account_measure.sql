select
    account_measure_id,
    account_id,
    measure,
    measure_label,
    measure_group,
    measure_value,
    raw_value,
    points,
    most_points,
    reason_text
from rpt_account_measure
order by account_id, measure
