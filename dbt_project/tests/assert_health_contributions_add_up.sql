-- A score that cannot be explained to the last digit is not a rule score.
select
    measure.account_id,
    measure.as_of_date,
    max(health.health_score) as health_score,
    sum(measure.contribution) as total
from {{ ref('fct_account_health_measure') }} as measure
inner join {{ ref('fct_account_health') }} as health
    on
        measure.account_id = health.account_id
        and measure.as_of_date = health.as_of_date
where health.health_score is not null
group by measure.account_id, measure.as_of_date
having sum(measure.contribution) <> max(health.health_score)
