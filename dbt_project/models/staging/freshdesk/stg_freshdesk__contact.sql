with source as (
    {{ read_raw("freshdesk", "contacts", {
        "id": "integer",
        "email": "text",
        "company_id": "integer",
        "created_at": "timestamp",
    }) }}
),

final as (
    select
        cast(id as text) as contact_id,
        lower(trim(email)) as email,
        cast(company_id as text) as company_id,
        created_at
    from source
)

select * from final
