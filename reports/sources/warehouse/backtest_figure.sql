select
    figure,
    figure_order,
    unit,
    figure_label,
    explanation,
    figure_value,
    value_low,
    value_high
from rpt_backtest_figure
order by figure
