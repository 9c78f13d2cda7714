select
    rejected_reason_id,
    source,
    stream,
    reason,
    rejected_rows,
    first_rejected_at,
    last_rejected_at
from rpt_rejected_row
order by rejected_reason_id
