{{ config(enabled=source_enabled('app'), materialized='view') }}

-- An own subscription row is one price for one stretch of time. Where only the day of a
-- cancellation is known, the stretch ends on it.
with subscriptions as (
    select
        *,
        coalesce(ended_on, cancelled_on) as ends_on,
        coalesce(billing_period = 'trial', false) or coalesce(lower(plan) = 'trial', false)
            as is_trial
    from {{ ref('stg_app__subscription') }}
),

final as (
    select
        'app' as source,
        subscription_id,
        {{ record_key(["'app'", 'subscription_id', 'cast(started_on as text)']) }} as period_id,
        'account' as account_source_object,
        account_id as account_source_id,
        coalesce(product, plan) as product,
        plan,
        seats,
        case when is_trial then 0 else mrr end as mrr_original,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        case
            when billing_period in ('month', 'monthly') then 1
            when billing_period in ('quarter', 'quarterly') then 3
            when billing_period in ('half-year', 'half-yearly', 'semiannual', 'semi-annual')
                then 6
            when billing_period in ('year', 'yearly', 'annual', 'annually') then 12
            when billing_period in ('biennial', 'two-yearly') then 24
            when billing_period in ('triennial', 'three-yearly') then 36
        end as term_months,
        started_on,
        ends_on as ended_on,
        renewal_on,
        cancelled_on,
        is_trial,
        started_on as priced_on,
        {{ start_of_reporting_day('started_on') }} as known_at
    from subscriptions
    where ends_on is null or ends_on > started_on
)

select * from final
