select
    model_version,
    model_name,
    as_of_date,
    horizon_days,
    capacity_share,
    data_start_date,
    data_end_date,
    data_snapshots,
    data_accounts,
    data_events,
    exam_start_date,
    exam_end_date,
    exam_snapshots,
    exam_accounts,
    exam_events,
    verdict,
    verdict_reason
from rpt_model_card
order by model_version
