select
    kind_label,
    customers,
    lost_arr
from rpt_churn_kind
order by kind_label
