select
    account_action_id,
    account_id,
    action_rank,
    playbook_label,
    channel,
    subject,
    message,
    reason_text,
    expected_arr_saved
from rpt_account_action
order by account_id, action_rank
