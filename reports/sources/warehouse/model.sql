select
    model_name,
    model_label,
    model_order,
    model_version,
    as_of_date,
    verdict,
    verdict_text,
    verdict_reason,
    train_start_date,
    train_end_date,
    test_start_date,
    test_end_date,
    rows_train,
    rows_test,
    events_train,
    events_test,
    accounts,
    event_rate_test
from rpt_model
order by model_name
