with source as (
    {{ read_raw("app", "user", {
        "user_id": "text",
        "account_id": "text",
        "email": "text",
        "name": "text",
        "created_at": "timestamp",
        "_airbyte_extracted_at": "timestamp",
        "_airbyte_raw_id": "text",
    }) }}
),

latest as (
    {{ latest_row("source", ["user_id"]) }}
),

final as (
    select
        user_id,
        account_id,
        lower(trim(email)) as email,
        name as full_name,
        created_at
    from latest
)

select * from final
