select
    as_of_date,
    horizon_days,
    note
from rpt_backtest
order by as_of_date
