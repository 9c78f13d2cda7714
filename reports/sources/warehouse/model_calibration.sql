select
    calibration_id,
    model_name,
    bin,
    predicted_rate,
    observed_rate,
    rows_in_bin
from rpt_model_calibration
order by calibration_id
