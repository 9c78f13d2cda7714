-- One price for one stretch of time [started_on, ended_on), of an account, in the reporting
-- currency at the rate of the day on which the price began. `known_on` is the day from which the
-- row was known; every day of the stretch from then on was known on that day.
{% set columns = {
    'source': 'text',
    'subscription_id': 'text',
    'period_id': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'product': 'text',
    'plan': 'text',
    'seats': 'integer',
    'mrr_original': 'number',
    'currency': 'text',
    'term_months': 'integer',
    'started_on': 'date',
    'ended_on': 'date',
    'renewal_on': 'date',
    'cancelled_on': 'date',
    'is_trial': 'boolean',
    'priced_on': 'date',
    'known_at': 'timestamp',
} %}

with unioned as (
    {{ union_enabled('int_revenue__{source}_subscription_period', sources_of('billing'), columns) }}
),

final as (
    select
        unioned.period_id,
        account_link.account_id,
        unioned.source,
        unioned.subscription_id,
        unioned.product,
        unioned.plan,
        cast(unioned.seats as integer) as seats,
        {{ convert_currency('unioned.mrr_original', 'exchange_rate.rate') }} as mrr,
        unioned.mrr_original,
        unioned.currency,
        cast(unioned.term_months as integer) as term_months,
        unioned.started_on,
        unioned.ended_on,
        unioned.renewal_on,
        unioned.cancelled_on,
        unioned.is_trial,
        unioned.known_at,
        {{ date_in_reporting_tz('unioned.known_at') }} as known_on
    from unioned
    {{ join_account_link('unioned') }}
    {{ join_exchange_rate('exchange_rate', 'unioned.currency', 'unioned.priced_on') }}
)

select * from final
