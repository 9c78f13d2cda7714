select
    departure_id,
    account_id,
    account_name,
    left_on,
    known_on,
    arr,
    is_caught,
    called_on,
    days_of_warning,
    missed_label,
    missed_reason
from rpt_backtest_departure
order by departure_id
