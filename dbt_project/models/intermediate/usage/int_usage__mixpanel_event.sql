{{ config(enabled=source_enabled('mixpanel')) }}

-- Mixpanel's own rule for repeats: one event is one insert id of one person at one time. The
-- export has no key, so a sync that overlaps the last one lands the same events again.
with events as (
    select * from {{ ref('stg_mixpanel__event') }}
    where occurred_at is not null and event_name is not null
),

deduplicated as (
    select
        insert_id,
        distinct_id,
        event_name,
        occurred_at,
        max(company_id) as company_id,
        max(quantity) as quantity
    from events
    group by insert_id, distinct_id, event_name, occurred_at
),

final as (
    select
        'mixpanel' as source,
        {{ record_key(['distinct_id', 'event_name', 'insert_id', 'cast(occurred_at as text)']) }}
            as event_id,
        case when company_id is not null then 'company' else 'user' end as account_source_object,
        coalesce(company_id, distinct_id) as account_source_id,
        distinct_id as user_source_id,
        event_name,
        occurred_at,
        cast(1 as {{ data_type('integer') }}) as events,
        coalesce(quantity, 1) as quantity
    from deduplicated
)

select * from final
