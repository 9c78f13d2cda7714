select
    model_card_metric_id,
    model_version,
    segment,
    segment_order,
    accounts,
    events,
    metric,
    metric_order,
    metric_label,
    metric_value,
    value_low,
    value_high
from rpt_model_card_metric
order by model_card_metric_id
