-- A renewal on the last day of the churn horizon has the published chance; an earlier one has no
-- smaller chance, a later one no greater one. What was cancelled is not foretold.
select
    renewal.account_id,
    renewal.renewal_date,
    renewal.renewal_probability,
    score.churn_probability
from {{ ref('rpt_renewal') }} as renewal
inner join {{ ref('int_success__latest_score') }} as score
    on renewal.account_id = score.account_id
where
    renewal.basis <> 'notice'
    and (
        (
            renewal.days_to_renewal <= {{ var('horizon_days') }}
            and renewal.renewal_probability < 1 - score.churn_probability - 0.000000001
        )
        or (
            renewal.days_to_renewal >= {{ var('horizon_days') }}
            and renewal.renewal_probability > 1 - score.churn_probability + 0.000000001
        )
    )
