select
    model_metric_id,
    model_name,
    judged,
    judged_label,
    judged_order,
    metric,
    metric_order,
    metric_label,
    better_is,
    explanation,
    metric_value,
    value_low,
    value_high
from rpt_model_metric
order by model_metric_id
