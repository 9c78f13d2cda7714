with source as (
    {{ read_raw("stripe", "customers", {
        "id": "text",
        "name": "text",
        "email": "text",
        "is_deleted": "boolean",
        "created": "integer",
        "updated": "integer",
        "metadata": "json",
    }) }}
),

named as (
    select
        id as customer_id,
        nullif(trim(name), '') as customer_name,
        lower(trim(email)) as email,
        nullif({{ json_path_text('metadata', ['salesforce_account_id']) }}, '')
            as salesforce_account_id,
        nullif({{ json_path_text('metadata', ['hubspot_company_id']) }}, '')
            as hubspot_company_id,
        nullif({{ json_path_text('metadata', ['pipedrive_organization_id']) }}, '')
            as pipedrive_organization_id,
        nullif({{ json_path_text('metadata', ['account_id']) }}, '') as account_id,
        created as created_seconds,
        case when is_deleted then coalesce(updated, created) end as deleted_seconds
    from source
),

final as (
    select
        customer_id,
        customer_name,
        email,
        salesforce_account_id,
        hubspot_company_id,
        pipedrive_organization_id,
        account_id,
        {{ from_unix_seconds('created_seconds') }} as created_at,
        {{ from_unix_seconds('deleted_seconds') }} as deleted_at
    from named
)

select * from final
