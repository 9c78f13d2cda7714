select
    publish_row_id,
    destination,
    record_id,
    account_name,
    account_url,
    task_subject,
    state_label,
    attempts,
    message
from rpt_publish_row
order by publish_row_id
