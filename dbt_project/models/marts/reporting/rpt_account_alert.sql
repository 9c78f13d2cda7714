with alert as (
    select * from {{ ref('alert') }}
),

final as (
    select
        alert_id,
        account_id,
        cast(
            case rule
                when 'score_drop' then 'Health score dropped'
                when 'band_change' then 'Health got worse'
                when 'severe_ticket' then 'Severe support ticket'
                when 'usage_collapse' then 'Product use collapsed'
                when 'payment_failed' then 'Payment failed'
                when 'renewal_at_risk' then 'Renewal at risk'
                else replace(rule, '_', ' ')
            end as varchar
        ) as alert_label,
        cast(severity as varchar) as severity,
        case severity
            when 'critical' then 1
            when 'high' then 2
            when 'medium' then 3
            when 'low' then 4
            else 5
        end as severity_order,
        cast(state as varchar) as state,
        opened_at as opened_date,
        closed_at as closed_date,
        cast(detail as varchar) as detail
    from alert
    where state = 'open'
        or closed_at > cast({{ dbt.dateadd('month', -12, as_of()) }} as date)
)

select * from final
