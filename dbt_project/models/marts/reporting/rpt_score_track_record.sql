-- Published scores old enough to be judged, against what then happened: is the copilot any good?
with score as (
    select
        account_id,
        as_of_date,
        risk_tier,
        churn_probability
    from {{ source('ml', 'churn_score') }}
    where
        is_published
        and as_of_date <= {{ add_days(as_of(), '-' ~ var('horizon_days')) }}
),

account as (
    select
        account_id,
        churned_date
    from {{ ref('dim_account') }}
),

judged as (
    select
        score.as_of_date,
        score.risk_tier,
        score.churn_probability,
        coalesce(
            account.churned_date > score.as_of_date
            and account.churned_date <= {{ add_days('score.as_of_date', var('horizon_days')) }},
            false
        ) as has_left
    from score
    inner join account on score.account_id = account.account_id
),

final as (
    select
        cast(risk_tier as varchar) as risk_tier,
        case risk_tier
            when 'critical' then 1 when 'high' then 2 when 'medium' then 3 when 'low' then 4 else 5
        end as tier_order,
        count(*) as scores,
        min(as_of_date) as first_scored_date,
        max(as_of_date) as last_scored_date,
        avg(churn_probability) as predicted_rate,
        cast(avg(case when has_left then 1 else 0 end) as double precision) as observed_rate
    from judged
    group by risk_tier
)

select * from final
