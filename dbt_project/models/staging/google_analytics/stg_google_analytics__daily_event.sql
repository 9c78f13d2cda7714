with source as (
    {{ read_raw("google_analytics", "copilot_events", {
        "property_id": "text",
        "date": "text",
        "eventName": "text",
        "customUser:company_id": "text",
        "eventCount": "integer",
    }) }}
),

final as (
    select
        property_id,
        {{ compact_date('date') }} as event_date,
        "eventName" as event_name,
        {{ known_dimension('"customUser:company_id"') }} as company_id,
        "eventCount" as events
    from source
)

select * from final
