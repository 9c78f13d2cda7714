{{ config(enabled=source_enabled('google_analytics')) }}

-- One row a day stands for all events of a name, at the day's first moment: the property's day is
-- taken for the same day of the reporting time zone. Who did it is not known.
with daily as (
    select
        event_date,
        event_name,
        company_id,
        sum(events) as events
    from {{ ref('stg_google_analytics__daily_event') }}
    where event_date is not null and event_name is not null and events > 0
    group by event_date, event_name, company_id
),

final as (
    select
        'google_analytics' as source,
        {{ record_key(['cast(event_date as text)', 'event_name', 'company_id']) }} as event_id,
        'company' as account_source_object,
        company_id as account_source_id,
        cast(null as {{ data_type('text') }}) as user_source_id,
        event_name,
        {{ start_of_reporting_day('event_date') }} as occurred_at,
        cast(events as {{ data_type('integer') }}) as events,
        cast(events as {{ data_type('number') }}) as quantity
    from daily
)

select * from final
