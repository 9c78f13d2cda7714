-- One row an account, ready to be shown: the account page, the lists and every total start here.
with account as (
    select * from {{ ref('account_360') }}
),

reason as (
    select
        account_id,
        {{ dbt.listagg('reason_text', "'; '", 'order by reason_rank') }} as reasons_text
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
            order by most_points - points desc, measure asc
        ) as place
    from {{ ref('rpt_account_measure') }}
    where points < most_points and reason_text is not null
),

weak_point as (
    select
        account_id,
        {{ dbt.listagg('reason_text', "'; '", 'order by place') }} as reasons_text
    from weakness
    where place <= 2
    group by account_id
),

next_action as (
    select
        account_id,
        playbook_label
    from {{ ref('rpt_account_action') }}
    where action_rank = 1
),

final as (
    select
        account.account_id,
        cast(account.account_name as varchar) as account_name,
        cast(account.segment as varchar) as segment,
        cast(account.industry as varchar) as industry,
        cast(account.country as varchar) as country,
        cast(coalesce(account.csm_name, 'Nobody assigned') as varchar) as csm_name,
        substring({{ dbt.hash("coalesce(account.csm_name, '')") }}, 1, 12) as csm_key,
        cast({{ sentence_case('account.lifecycle_stage') }} as varchar) as lifecycle_stage,
        account.is_active,
        account.mrr,
        account.arr,
        case when account.is_active then account.renewal_date end as renewal_date,
        case
            when account.is_active then {{ days_between(as_of(), 'account.renewal_date') }}
        end as days_to_renewal,
        coalesce(
            account.is_active
            and account.renewal_date >= {{ as_of() }}
            and account.renewal_date <= {{ add_days(as_of(), 90) }},
            false
        ) as is_renewing_soon,
        account.first_subscribed_date,
        account.churned_date,
        round(account.health_score * 100, 0) as health_points,
        cast({{ band_label("coalesce(account.health_band, 'unknown')") }} as varchar)
            as band_label,
        round(account.health_change_30d * 100, 0) as health_change_points,
        account.health_coverage,
        account.churn_probability,
        account.probability_low,
        account.probability_high,
        cast(coalesce(account.risk_tier, 'unknown') as varchar) as risk_tier,
        cast(coalesce(account.score_basis, 'none') as varchar) as score_basis,
        case when account.is_active then coalesce(account.arr_at_risk, 0) else 0 end
            as arr_at_risk,
        account.is_active
        and (
            coalesce(account.risk_tier, '') in ('high', 'critical')
            or coalesce(account.health_band, '') = 'at_risk'
        ) as is_at_risk,
        cast(
            coalesce(reason.reasons_text, weak_point.reasons_text, 'No reason is known yet')
            as varchar
        ) as reasons_text,
        cast(coalesce(next_action.playbook_label, 'None due') as varchar) as next_action,
        cast(account.no_offer_reason as varchar) as no_offer_reason,
        account.open_alerts,
        '/accounts/' || account.account_id as account_url
    from account
    left outer join reason on account.account_id = reason.account_id
    left outer join weak_point on account.account_id = weak_point.account_id
    left outer join next_action on account.account_id = next_action.account_id
)

select * from final
