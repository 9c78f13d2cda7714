-- What happened in the horizon after a snapshot: labels, never features. An outcome is known once
-- the horizon and the grace gap have passed.
with snapshots as (
    select
        account_id,
        as_of_date
    from {{ ref('ftr_account_snapshot') }}
    where is_customer
),

chains as (
    select
        account_id,
        started_on,
        ended_on
    from {{ ref('int_revenue__account_chain') }}
),

notices as (
    {{ chain_notices() }}
),

churn_events as (
    select
        account_id,
        churned_on
    from {{ ref('int_revenue__churn_event') }}
    where account_id is not null
),

-- Which of the two counts is a setting; the other is left out whole.
departures as (
    select
        chains.account_id,
        chains.started_on,
        chains.ended_on,
        notices.noticed_on
    from chains
    left outer join notices
        on
            chains.account_id = notices.account_id
            and chains.ended_on = notices.ended_on
    where '{{ var("churn_from") }}' = 'subscriptions'
    union all
    select
        account_id,
        cast('1900-01-01' as date) as started_on,
        churned_on as ended_on,
        churned_on as noticed_on
    from churn_events
    where '{{ var("churn_from") }}' = 'events'
),

churned as (
    select
        snapshots.account_id,
        snapshots.as_of_date,
        min(departures.ended_on) as churned_date,
        min(departures.noticed_on) as noticed_date
    from snapshots
    inner join departures
        on
            snapshots.account_id = departures.account_id
            and snapshots.as_of_date >= departures.started_on
            and snapshots.as_of_date < departures.ended_on
            and departures.ended_on <= {{ add_days('snapshots.as_of_date', var('horizon_days')) }}
    group by snapshots.account_id, snapshots.as_of_date
),

final as (
    select
        snapshots.account_id,
        snapshots.as_of_date,
        cast({{ var('horizon_days') }} as integer) as horizon_days,
        {{ add_days('snapshots.as_of_date', var('horizon_days') + var('grace_days')) }}
        <= {{ as_of() }} as is_known,
        churned.churned_date is not null as is_churned,
        churned.churned_date,
        churned.noticed_date
    from snapshots
    left outer join churned
        on
            snapshots.account_id = churned.account_id
            and snapshots.as_of_date = churned.as_of_date
)

select * from final
