select
    account_renewal_id,
    account_id,
    account_name,
    account_url,
    csm_key,
    csm_name,
    renewal_date,
    days_to_renewal,
    current_arr,
    expected_arr,
    arr_low,
    arr_high,
    renewal_probability,
    probability_low,
    probability_high,
    price_ratio,
    basis,
    basis_label,
    churn_basis
from rpt_renewal
order by account_renewal_id
