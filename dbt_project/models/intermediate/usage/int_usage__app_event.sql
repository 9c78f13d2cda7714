{{ config(enabled=source_enabled('app'), materialized='view') }}

with events as (
    select * from {{ ref('stg_app__event') }}
),

final as (
    select
        'app' as source,
        event_id,
        'account' as account_source_object,
        account_id as account_source_id,
        user_id as user_source_id,
        coalesce(event_name, 'event') as event_name,
        occurred_at,
        cast(1 as {{ data_type('integer') }}) as events,
        coalesce(quantity, 1) as quantity
    from events
    where occurred_at is not null
)

select * from final
