select
    model_name,
    model_label,
    model_order,
    model_version,
    as_of_date,
    verdict,
    verdict_text,
    verdict_reason,
    train_start,
    train_end,
    test_start,
    test_end,
    rows_train,
    rows_test,
    events_train,
    events_test,
    accounts,
    event_rate_test
from rpt_model
order by model_name
