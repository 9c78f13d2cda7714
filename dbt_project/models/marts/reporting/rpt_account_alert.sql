with alert as (
    select * from {{ ref('alert') }}
),

alert_rule as (
    select * from {{ ref('alert_rule') }}
),

final as (
    select
        alert.alert_id,
        alert.account_id,
        cast(alert_rule.label as varchar) as alert_label,
        cast(alert.severity as varchar) as severity,
        case alert.severity
            when 'critical' then 1
            when 'high' then 2
            when 'medium' then 3
            when 'low' then 4
            else 5
        end as severity_order,
        cast(alert.state as varchar) as state,
        alert.opened_at as opened_date,
        alert.closed_at as closed_date,
        cast(alert.detail as varchar) as detail
    from alert
    inner join alert_rule on alert.rule = alert_rule.rule
    where
        alert.state = 'open'
        or alert.closed_at > cast({{ dbt.dateadd('month', -12, as_of()) }} as date)
)

select * from final
