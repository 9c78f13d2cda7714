select
    account_opportunity_id,
    account_id,
    account_name,
    csm_name,
    kind_label,
    product,
    propensity,
    expected_arr,
    reason_text,
    basis
from rpt_account_opportunity
order by account_id, account_opportunity_id
