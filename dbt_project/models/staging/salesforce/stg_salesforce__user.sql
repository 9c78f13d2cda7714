with source as (
    {{ read_raw("salesforce", "User", {
        "Id": "text",
        "Name": "text",
        "Email": "text",
        "IsActive": "boolean",
    }) }}
),

final as (
    select
        "Id" as user_id,
        "Name" as full_name,
        lower(trim("Email")) as email,
        coalesce("IsActive", true) as is_active
    from source
)

select * from final
