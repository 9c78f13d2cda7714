-- One row an account, ready to be shown: the account page, the lists and every total start here.
with account as (
    select * from {{ ref('account_360') }}
),

reason as (
    select
        account_id,
        {{ dbt.listagg('reason_text', "' '", 'order by reason_rank') }} as reasons_text
    from {{ ref('rpt_account_reason') }}
    where direction = 'raises' and reason_rank <= 3
    group by account_id
),

weakness as (
    select
        account_id,
        reason_text,
        row_number() over (
            partition by account_id
            order by most_points - points desc, measure
        ) as position
    from {{ ref('rpt_account_measure') }}
),

weak_point as (
    select
        account_id,
        {{ dbt.listagg('reason_text', "' '", 'order by position') }} as reasons_text
    from weakness
    where position <= 2
    group by account_id
),

action as (
    select * from {{ ref('rpt_account_action') }} where action_rank = 1
),

alert as (
    select
        account_id,
        count(*) as open_alerts
    from {{ ref('rpt_account_alert') }}
    where state = 'open'
    group by account_id
),

final as (
    select
        account.account_id,
        cast(account.account_name as varchar) as account_name,
        cast(coalesce(account.segment, 'Not set') as varchar) as segment,
        cast(coalesce(account.industry, 'Not set') as varchar) as industry,
        cast(coalesce(account.country, 'Not set') as varchar) as country,
        cast(coalesce(account.csm_name, 'Nobody assigned') as varchar) as csm_name,
        substr(md5(coalesce(account.csm_name, '')), 1, 12) as csm_key,
        cast(account.lifecycle_stage as varchar) as lifecycle_stage,
        account.is_active,
        account.mrr,
        account.arr,
        account.renewal_date,
        {{ dbt.datediff(as_of(), 'account.renewal_date', 'day') }} as days_to_renewal,
        coalesce(
            account.renewal_date between {{ as_of() }}
            and cast({{ dbt.dateadd('day', 90, as_of()) }} as date),
            false
        ) as is_renewing_soon,
        account.first_subscribed_date,
        account.churned_date,
        round(account.health_score * 100, 0) as health_points,
        cast({{ band_label('account.health_band') }} as varchar) as band_label,
        round(account.health_change_30d * 100, 0) as health_change_points,
        account.health_coverage,
        account.churn_probability,
        account.probability_low,
        account.probability_high,
        cast(coalesce(account.risk_tier, 'unknown') as varchar) as risk_tier,
        cast(coalesce(account.score_basis, 'none') as varchar) as score_basis,
        cast(account.arr_at_risk as numeric) as arr_at_risk,
        account.is_active
        and (coalesce(account.risk_tier, '') = 'high' or account.health_band = 'at_risk')
        as is_at_risk,
        cast(
            coalesce(reason.reasons_text, weak_point.reasons_text, 'No reason is known yet.')
            as varchar
        ) as reasons_text,
        cast(coalesce(action.playbook, 'None due') as varchar) as next_action,
        coalesce(alert.open_alerts, 0) as open_alerts,
        '/accounts/' || account.account_id as account_url
    from account
    left join reason on account.account_id = reason.account_id
    left join weak_point on account.account_id = weak_point.account_id
    left join action on account.account_id = action.account_id
    left join alert on account.account_id = alert.account_id
)

select * from final
