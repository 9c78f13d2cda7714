with source as (
    {{ read_raw("zendesk", "users", {
        "id": "integer",
        "email": "text",
        "role": "text",
        "organization_id": "integer",
        "created_at": "timestamp",
    }) }}
),

final as (
    select
        cast(id as text) as user_id,
        lower(trim(email)) as email,
        role,
        cast(organization_id as text) as organization_id,
        created_at
    from source
)

select * from final
