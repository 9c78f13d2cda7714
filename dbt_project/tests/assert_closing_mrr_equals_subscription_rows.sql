-- Closing MRR once counted a customer twice whose invoice was made anew. So it is rebuilt here from
-- the staged rows by another road: for each item of a subscription, the line in force at the
-- month's end, instead of periods that were cut and merged; both must agree to the last digit.
{% set far = "cast('9999-12-31' as date)" %}
with movement as (
    select
        account_id,
        month,
        sampled_date,
        closing_mrr
    from {{ ref('fct_mrr_movement') }}
),

sample_date as (
    select
        month,
        max(sampled_date) as sampled_date
    from movement
    group by month
),

{% if source_enabled('stripe') -%}
    {{ stripe_lines_in_force() }}
{%- endif %}

active as (
    {% if source_enabled('stripe') -%}
        select
            month,
            'stripe' as source,
            source_id,
            mrr,
            currency,
            priced_on
        from stripe_active
        union all
    {%- endif %}
    {% if source_enabled('app') -%}
        select
            sample_date.month,
            'app' as source,
            subscriptions.account_id as source_id,
            subscriptions.mrr,
            coalesce(subscriptions.currency, '{{ var("reporting_currency") }}') as currency,
            subscriptions.started_on as priced_on
        from sample_date
        inner join {{ ref('stg_app__subscription') }} as subscriptions
            on
                sample_date.sampled_date >= subscriptions.started_on
                and sample_date.sampled_date
                < coalesce(subscriptions.ended_on, subscriptions.cancelled_on, {{ far }})
        where
            coalesce(subscriptions.billing_period, '') <> 'trial'
            and coalesce(lower(subscriptions.plan), '') <> 'trial'
        union all
    {%- endif %}
    select
        cast(null as date) as month,
        cast(null as {{ data_type('text') }}) as source,
        cast(null as {{ data_type('text') }}) as source_id,
        cast(null as {{ data_type('number') }}) as mrr,
        cast(null as {{ data_type('text') }}) as currency,
        cast(null as date) as priced_on
    where false
),

rebuilt as (
    select
        link.account_id,
        active.month,
        sum(round(active.mrr * rates.rate, 4)) as closing_mrr
    from active
    inner join {{ ref('account_source_link') }} as link
        on
            active.source = link.source
            and active.source_id = link.source_id
            and link.source_object in ('customer', 'account')
    inner join {{ ref('int_revenue__exchange_rate') }} as rates
        on
            active.currency = rates.currency
            and active.priced_on >= rates.valid_from
            and active.priced_on < rates.valid_to
    group by link.account_id, active.month
)

select
    coalesce(movement.account_id, rebuilt.account_id) as account_id,
    coalesce(movement.month, rebuilt.month) as month,
    movement.closing_mrr,
    rebuilt.closing_mrr as rebuilt_mrr
from movement
full outer join rebuilt
    on
        movement.account_id = rebuilt.account_id
        and movement.month = rebuilt.month
where coalesce(movement.closing_mrr, 0) <> coalesce(rebuilt.closing_mrr, 0)
