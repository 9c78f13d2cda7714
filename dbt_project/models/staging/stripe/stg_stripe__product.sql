with source as (
    {{ read_raw("stripe", "products", {
        "id": "text",
        "name": "text",
        "active": "boolean",
    }) }}
),

final as (
    select
        id as product_id,
        name as product_name,
        coalesce(active, true) as is_active
    from source
)

select * from final
