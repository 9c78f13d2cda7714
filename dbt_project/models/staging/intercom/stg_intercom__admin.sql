with source as (
    {{ read_raw("intercom", "admins", {
        "id": "text",
        "email": "text",
    }) }}
),

final as (
    select
        id as admin_id,
        lower(trim(email)) as email
    from source
)

select * from final
