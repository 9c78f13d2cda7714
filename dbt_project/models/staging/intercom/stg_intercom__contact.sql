-- A person may be in several companies; Intercom lists the first ten.
with source as (
    {{ read_raw("intercom", "contacts", {
        "id": "text",
        "role": "text",
        "email": "text",
        "companies": "json",
        "created_at": "integer",
    }) }}
),

final as (
    select
        id as contact_id,
        role,
        lower(trim(email)) as email,
        {{ json_path_text('companies', ['data', '0', 'id']) }} as first_company_id,
        {{ json_path_text('companies', ['data', '1', 'id']) }} as second_company_id,
        {{ from_unix_seconds('created_at') }} as created_at
    from source
)

select * from final
