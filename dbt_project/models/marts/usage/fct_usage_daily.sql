with events as (
    select
        account_id,
        source,
        user_source_id,
        event_name,
        events,
        quantity,
        {{ date_in_reporting_tz('occurred_at') }} as usage_date
    from {{ ref('int_usage__event') }}
    where account_id is not null
),

daily as (
    select
        account_id,
        source,
        user_source_id,
        usage_date,
        event_name,
        sum(events) as events,
        sum(quantity) as quantity
    from events
    where usage_date <= {{ as_of() }}
    group by account_id, source, user_source_id, usage_date, event_name
),

final as (
    select
        {{ record_key(
            ['account_id', 'source', 'user_source_id', 'cast(usage_date as text)', 'event_name']
        ) }} as usage_daily_id,
        account_id,
        case
            when user_source_id is not null
                then {{ record_key(['source', "'user'", 'user_source_id']) }}
        end as user_id,
        usage_date,
        event_name,
        cast(events as bigint) as events,
        cast(quantity as numeric) as quantity,
        source
    from daily
)

select * from final
