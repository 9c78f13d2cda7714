select
    account_week_id,
    account_id,
    week_ending,
    active_users,
    events
from rpt_account_usage_week
order by account_id, week_ending
