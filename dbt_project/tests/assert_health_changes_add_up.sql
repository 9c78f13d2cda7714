-- A change that is not explained to the last digit is not explained.
select *
from {{ ref('fct_account_health_change') }}
where abs(data_part + weights_part + identity_part + expiry_part - change) > 1e-9
