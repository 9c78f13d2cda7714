select
    account_reason_id,
    account_id,
    reason_rank,
    feature,
    reason_label,
    direction,
    direction_label,
    reason_text,
    contribution
from rpt_account_reason
order by account_id, reason_rank
