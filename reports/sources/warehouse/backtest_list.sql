select
    list_date,
    basis_label,
    basis_reason,
    customers,
    called_customers,
    left_customers,
    called_and_left_customers
from rpt_backtest_list
order by list_date
