with account as (
    select * from {{ ref('rpt_account') }}
),

final as (
    select
        csm_key,
        csm_name,
        count(*) as customers,
        sum(arr) as arr,
        sum(arr_at_risk) as arr_at_risk,
        sum(case when is_at_risk then 1 else 0 end) as at_risk_customers,
        sum(case when is_renewing_soon then 1 else 0 end) as renewals_90d,
        sum(case when is_renewing_soon then arr else 0 end) as renewing_arr,
        cast(sum(open_alerts) as bigint) as open_alerts,
        round(avg(health_points), 0) as average_health_points,
        '/csm/' || csm_key as csm_url
    from account
    where is_active
    group by csm_key, csm_name
)

select * from final
