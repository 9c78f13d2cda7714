with source as (
    {{ read_raw("freshdesk", "companies", {
        "id": "integer",
        "name": "text",
        "domains": "json",
        "custom_fields": "json",
        "created_at": "timestamp",
    }) }}
),

final as (
    select
        cast(id as text) as company_id,
        nullif(trim(name), '') as company_name,
        domains,
        coalesce(
            nullif(trim({{ json_path_text('custom_fields', ['crm_account_id']) }}), ''),
            nullif(trim({{ json_path_text('custom_fields', ['account_id']) }}), '')
        ) as external_id,
        created_at
    from source
)

select * from final
