{# The outbound rows of a CRM: one for each account that is or was a customer and has a record
   there. A former customer's scores are sent as null, so that no stale score stays in the CRM. #}
{% macro sync_account(crm, record_object) -%}
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

-- What was only guessed from the people is no place to write to.
links as (
    select
        account_id,
        source_id,
        row_number() over (
            partition by account_id
            order by
                case match_rule when 'anchor' then 1 when 'manual' then 2 else 3 end,
                confidence desc,
                source_id
        ) as place
    from {{ ref('account_source_link') }}
    where
        source = '{{ crm }}'
        and source_object = '{{ record_object }}'
        and match_rule <> 'people'
),

final as (
    select
        links.source_id as {{ crm }}_id,
        account_360.account_id,
        account_360.as_of_date,
        round(account_360.health_score * 100, 1) as health_score,
        case when account_360.is_active then account_360.health_band end as health_band,
        round(account_360.health_change_30d * 100, 1) as health_change_30d,
        case
            when account_360.health_change_30d >= 0.05 then 'rising'
            when account_360.health_change_30d <= -0.05 then 'falling'
            when account_360.health_change_30d is not null then 'steady'
        end as health_trend,
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
        account_360.expected_renewal_arr,
        account_360.report_url
    from account_360
    inner join kept_accounts on account_360.account_id = kept_accounts.account_id
    inner join links on account_360.account_id = links.account_id and links.place = 1
)

select * from final
{%- endmacro %}
