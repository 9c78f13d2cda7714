with source as (
    {{ read_raw("intercom", "companies", {
        "id": "text",
        "company_id": "text",
        "name": "text",
        "website": "text",
        "created_at": "integer",
    }) }}
),

final as (
    select
        id as company_id,
        nullif(trim(company_id), '') as external_id,
        nullif(trim(name), '') as company_name,
        {{ web_domain('website') }} as domain,
        {{ from_unix_seconds('created_at') }} as created_at
    from source
)

select * from final
