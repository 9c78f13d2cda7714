select
    account_opportunity_id,
    account_id,
    account_name,
    account_url,
    csm_key,
    kind_label,
    product,
    propensity,
    expected_arr,
    reason_text,
    basis
from rpt_account_opportunity
order by account_id, account_opportunity_id
