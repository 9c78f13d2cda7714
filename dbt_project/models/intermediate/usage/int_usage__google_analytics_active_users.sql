{{ config(enabled=source_enabled('google_analytics'), materialized='view') }}

-- A company in two properties has at least as many people as the larger count says.
with final as (
    select
        'google_analytics' as source,
        'company' as account_source_object,
        company_id as account_source_id,
        active_date as usage_date,
        max(active_users_7d) as active_users_7d,
        max(active_users_28d) as active_users_28d
    from {{ ref('stg_google_analytics__daily_active_users') }}
    where active_date is not null and company_id is not null
    group by company_id, active_date
)

select * from final
