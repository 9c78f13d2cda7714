with source as (
    {{ read_raw("pipedrive", "users", {
        "id": "text",
        "name": "text",
        "email": "text",
        "active_flag": "boolean",
    }) }}
),

final as (
    select
        id as user_id,
        nullif(trim(name), '') as full_name,
        lower(nullif(trim(email), '')) as email,
        coalesce(active_flag, true) as is_active
    from source
)

select * from final
