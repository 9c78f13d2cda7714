{{ config(enabled=source_enabled('amplitude')) }}

with events as (
    select * from {{ ref('stg_amplitude__event') }}
    where occurred_at is not null and event_name is not null
),

final as (
    select
        'amplitude' as source,
        event_id,
        case when company_id is not null then 'company' else 'user' end as account_source_object,
        coalesce(company_id, user_id) as account_source_id,
        user_id as user_source_id,
        event_name,
        occurred_at,
        cast(1 as {{ data_type('integer') }}) as events,
        coalesce(quantity, 1) as quantity
    from events
)

select * from final
