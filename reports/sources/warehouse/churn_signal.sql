select
    measure,
    measure_label,
    left_points,
    stayed_points,
    gap_points,
    left_accounts,
    stayed_accounts
from rpt_churn_signal
order by measure
