-- Exactly what messages about alerts are made from: every open alert, and those that closed lately.
-- Nothing of a person but the account's owner, who is to be told, and no text of a ticket.
with alerts as (
    select * from {{ ref('alert') }}
    where state = 'open' or closed_at > {{ add_days(as_of(), -90) }}
),

rules as (
    select * from {{ ref('alert_rule') }}
),

accounts as (
    select * from {{ ref('dim_account') }}
),

pages as (
    select
        account_id,
        report_url
    from {{ ref('account_360') }}
),

final as (
    select
        alerts.alert_id,
        {{ as_of() }} as as_of_date,
        alerts.account_id,
        accounts.account_name,
        accounts.segment,
        accounts.csm_name,
        accounts.csm_email,
        alerts.rule,
        rules.label as rule_label,
        alerts.severity,
        alerts.state,
        alerts.opened_at,
        alerts.closed_at,
        alerts.detail,
        pages.report_url
    from alerts
    inner join rules on alerts.rule = rules.rule
    inner join accounts on alerts.account_id = accounts.account_id
    left outer join pages on alerts.account_id = pages.account_id
)

select * from final
