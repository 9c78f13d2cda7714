select
    call_id,
    list_date,
    account_id,
    account_name,
    list_rank,
    churn_probability,
    probability_low,
    probability_high,
    arr,
    has_left,
    left_on
from rpt_backtest_call
order by call_id
