-- The wide row that an analyst or a CSM wants first: one for each account, as of the run's date.
with accounts as (
    select * from {{ ref('dim_account') }}
),

health as (
    select * from {{ ref('fct_account_health') }}
    where as_of_date = {{ as_of() }}
),

features as (
    select * from {{ ref('ftr_account_snapshot') }}
    where as_of_date = {{ as_of() }}
),

scores as (
    select * from {{ ref('int_success__latest_score') }}
),

opportunities as (
    select * from {{ ref('int_success__best_opportunity') }}
),

troubles as (
    select * from {{ ref('int_success__trouble') }}
),

worth as (
    select * from {{ source('ml', 'account_value') }}
    where is_published and as_of_date = {{ as_of() }}
),

forecasts as (
    select * from {{ source('ml', 'renewal_forecast') }}
    where is_published and as_of_date = {{ as_of() }}
),

actions as (
    select * from {{ ref('recommended_action') }}
),

open_alerts as (
    select
        account_id,
        count(*) as open_alerts,
        max(
            case severity
                when 'critical' then 5
                when 'high' then 4
                when 'medium' then 3
                when 'low' then 2
                else 1
            end
        ) as worst
    from {{ ref('alert') }}
    where state = 'open'
    group by account_id
),

final as (
    select
        accounts.account_id,
        {{ as_of() }} as as_of_date,
        accounts.account_name,
        accounts.domain,
        accounts.segment,
        accounts.industry,
        accounts.country,
        accounts.csm_name,
        accounts.csm_email,
        accounts.lifecycle_stage,
        accounts.is_active,
        accounts.mrr,
        accounts.arr,
        accounts.renewal_date,
        accounts.first_subscribed_date,
        accounts.churned_date,
        health.health_score,
        health.health_band,
        health.coverage as health_coverage,
        health.change_7d as health_change_7d,
        health.change_30d as health_change_30d,
        features.seats,
        features.active_users_28d,
        features.seat_utilisation,
        features.events_28d,
        features.usage_trend,
        features.days_since_last_event,
        features.tickets_90d,
        features.invoices_overdue,
        features.days_since_touchpoint,
        scores.churn_probability,
        scores.probability_low,
        scores.probability_high,
        scores.risk_tier,
        scores.basis as score_basis,
        scores.model_version,
        {{ reason_lines('scores.reasons') }} as churn_reasons,
        round(accounts.arr * cast(scores.churn_probability as numeric), 2) as arr_at_risk,
        opportunities.kind as opportunity_kind,
        opportunities.product as opportunity_product,
        opportunities.propensity as opportunity_propensity,
        opportunities.expected_arr as opportunity_expected_arr,
        opportunities.reason as opportunity_reason,
        troubles.trouble as no_offer_reason,
        worth.expected_months,
        cast(worth.lifetime_value as numeric) as lifetime_value,
        cast(worth.value_low as numeric) as lifetime_value_low,
        cast(worth.value_high as numeric) as lifetime_value_high,
        cast(forecasts.expected_arr as numeric) as expected_renewal_arr,
        coalesce(open_alerts.open_alerts, 0) as open_alerts,
        case open_alerts.worst
            when 5 then 'critical'
            when 4 then 'high'
            when 3 then 'medium'
            when 2 then 'low'
            when 1 then 'info'
        end as worst_alert_severity,
        actions.playbook as next_playbook,
        actions.channel as next_channel,
        actions.subject as next_subject,
        actions.message as next_message,
        actions.reason as next_reason,
        '{{ var("reports_base_url") }}/accounts/' || accounts.account_id as report_url
    from accounts
    left outer join health on accounts.account_id = health.account_id
    left outer join features on accounts.account_id = features.account_id
    left outer join scores on accounts.account_id = scores.account_id
    left outer join opportunities on accounts.account_id = opportunities.account_id
    left outer join troubles on accounts.account_id = troubles.account_id
    left outer join worth on accounts.account_id = worth.account_id
    left outer join forecasts
        on
            accounts.account_id = forecasts.account_id
            and accounts.renewal_date = forecasts.renewal_date
    left outer join actions on accounts.account_id = actions.account_id
    left outer join open_alerts on accounts.account_id = open_alerts.account_id
)

select * from final
