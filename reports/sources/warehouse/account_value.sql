select
    account_id,
    account_name,
    account_url,
    csm_key,
    csm_name,
    segment,
    tenure_months,
    mrr,
    expected_months,
    months_low,
    months_high,
    lifetime_value,
    value_low,
    value_high,
    horizon_months,
    discount_rate,
    chains_ended,
    basis,
    basis_label,
    churn_basis
from rpt_account_value
order by account_id
