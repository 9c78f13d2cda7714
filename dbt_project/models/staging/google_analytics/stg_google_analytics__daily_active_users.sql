with source as (
    {{ read_raw("google_analytics", "copilot_active_users", {
        "property_id": "text",
        "date": "text",
        "customUser:company_id": "text",
        "active7DayUsers": "integer",
        "active28DayUsers": "integer",
    }) }}
),

final as (
    select
        property_id,
        {{ compact_date('date') }} as active_date,
        {{ known_dimension('"customUser:company_id"') }} as company_id,
        "active7DayUsers" as active_users_7d,
        "active28DayUsers" as active_users_28d
    from source
)

select * from final
