with source as (
    {{ read_raw("hubspot", "deals_property_history", {
        "dealId": "text",
        "property": "text",
        "value": "text",
        "timestamp": "timestamp",
    }) }}
),

final as (
    select
        "dealId" as deal_id,
        property as property_name,
        nullif(value, '') as new_value,
        timestamp as changed_at
    from source
)

select * from final
