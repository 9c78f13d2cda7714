with source as (
    {{ read_raw("hubspot", "companies_property_history", {
        "companyId": "text",
        "property": "text",
        "value": "text",
        "timestamp": "timestamp",
    }) }}
),

final as (
    select
        "companyId" as company_id,
        property as property_name,
        nullif(value, '') as new_value,
        timestamp as changed_at
    from source
)

select * from final
