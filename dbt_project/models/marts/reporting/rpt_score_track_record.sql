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

churn_events as (
    select
        account_id,
        churned_on
    from {{ ref('int_revenue__churn_event') }}
),

-- By what the models learn from: a score foretells that, and nothing else.
departures as (
    select
        account_id,
        churned_date
    from account
    where '{{ var("churn_from") }}' = 'subscriptions'
    union all
    select
        account_id,
        churned_on as churned_date
    from churn_events
    where '{{ var("churn_from") }}' = 'events'
),

judged as (
    select
        score.as_of_date,
        score.risk_tier,
        score.churn_probability,
        exists(
            select 1
            from departures
            where
                departures.account_id = score.account_id
                and departures.churned_date > score.as_of_date
                and departures.churned_date
                <= {{ add_days('score.as_of_date', var('horizon_days')) }}
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
