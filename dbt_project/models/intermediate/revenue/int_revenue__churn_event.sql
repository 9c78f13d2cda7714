-- Departures as the company itself keeps a list of them, with their account.
{% set columns = {
    'source': 'text',
    'churn_event_id': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'churned_on': 'date',
} %}

with unioned as (
    {{ union_enabled('int_revenue__{source}_churn_event', ['app'], columns) }}
),

final as (
    select
        {{ record_key(['unioned.source', "'churn_event'", 'unioned.churn_event_id']) }}
            as churn_event_id,
        account_link.account_id,
        unioned.source,
        unioned.churned_on
    from unioned
    {{ join_account_link('unioned') }}
)

select * from final
