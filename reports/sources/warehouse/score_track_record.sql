select
    risk_tier,
    tier_order,
    scores,
    first_scored_date,
    last_scored_date,
    predicted_rate,
    observed_rate
from rpt_score_track_record
order by risk_tier
