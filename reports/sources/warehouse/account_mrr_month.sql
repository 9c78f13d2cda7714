select
    account_month_id,
    account_id,
    month,
    closing_mrr,
    mrr_change
from rpt_account_mrr_month
order by account_id, month
