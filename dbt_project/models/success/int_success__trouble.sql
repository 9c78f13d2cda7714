-- Whether each customer is in trouble at the run's date, by the tier of its published churn score.
with rules as (
    select * from {{ ref('fct_account_health_trouble') }}
),

scores as (
    select * from {{ ref('int_success__latest_score') }}
),

final as (
    select
        rules.account_id,
        rules.trouble
    from rules
    left outer join scores on rules.account_id = scores.account_id
    where rules.risk_tier = coalesce(scores.risk_tier, 'unknown')
)

select * from final
