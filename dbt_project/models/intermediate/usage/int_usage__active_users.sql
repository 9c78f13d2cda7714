-- People of an account active up to a day, where the tool counts them itself and names nobody.
{% set columns = {
    'source': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'usage_date': 'date',
    'active_users_7d': 'integer',
    'active_users_28d': 'integer',
} %}

with unioned as (
    {{ union_enabled('int_usage__{source}_active_users', ['google_analytics'], columns) }}
),

final as (
    select
        account_link.account_id,
        unioned.usage_date,
        cast(sum(unioned.active_users_7d) as {{ data_type('integer') }}) as active_users_7d,
        cast(sum(unioned.active_users_28d) as {{ data_type('integer') }}) as active_users_28d
    from unioned
    {{ join_account_link('unioned') }}
    where account_link.account_id is not null
    group by account_link.account_id, unioned.usage_date
)

select * from final
