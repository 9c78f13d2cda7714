{{ config(enabled=source_enabled('app'), materialized='view') }}

with churn_events as (
    select * from {{ ref('stg_app__churn_event') }}
),

final as (
    select
        'app' as source,
        churn_event_id,
        'account' as account_source_object,
        account_id as account_source_id,
        churned_on
    from churn_events
)

select * from final
