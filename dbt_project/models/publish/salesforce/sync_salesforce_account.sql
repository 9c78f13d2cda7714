-- Exactly what goes to Salesforce: one row for each CRM account that is or was a customer. A former
-- customer's scores are sent as null, so that no stale score stays in the CRM.
with account_360 as (
    select * from {{ ref('account_360') }}
    where first_subscribed_date is not null
),

-- A record in the CRM's recycle bin cannot be written to.
kept_accounts as (
    select account_id
    from {{ ref('dim_account') }}
    where not is_deleted
),

links as (
    select
        account_id,
        source_id
    from {{ ref('account_source_link') }}
    where source = 'salesforce' and source_object = 'Account' and match_rule = 'anchor'
),

final as (
    select
        links.source_id as salesforce_id,
        account_360.account_id,
        account_360.as_of_date,
        round(account_360.health_score * 100, 1) as health_score,
        case when account_360.is_active then account_360.health_band end as health_band,
        round(account_360.health_change_30d * 100, 1) as health_change_30d,
        round(cast(account_360.churn_probability * 100 as numeric), 1) as churn_probability,
        account_360.risk_tier,
        account_360.score_basis,
        left(account_360.churn_reasons, 2000) as reasons,
        left(
            {{ sentence_case('account_360.next_playbook') }} || ': ' || account_360.next_reason,
            255
        ) as next_action,
        round(cast(account_360.opportunity_propensity * 100 as numeric), 1)
            as expansion_propensity,
        left(account_360.opportunity_product, 80) as expansion_product,
        account_360.arr_at_risk,
        case when account_360.is_active then account_360.renewal_date end as renewal_date,
        account_360.report_url
    from account_360
    inner join kept_accounts on account_360.account_id = kept_accounts.account_id
    inner join links on account_360.account_id = links.account_id
)

select * from final
