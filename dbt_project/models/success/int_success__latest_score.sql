-- The published churn score of each account at the run's date.
with scores as (
    select * from {{ source('ml', 'churn_score') }}
    where is_published and as_of_date = {{ as_of() }}
),

final as (
    select
        account_id,
        as_of_date,
        churn_probability,
        probability_low,
        probability_high,
        risk_tier,
        reasons,
        basis,
        model_version
    from scores
)

select * from final
