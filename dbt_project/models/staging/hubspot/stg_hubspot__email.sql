with source as (
    {{ read_raw("hubspot", "engagements_emails", {
        "id": "text",
        "archived": "boolean",
        "createdAt": "timestamp",
        "companies": "json",
        "properties_hs_timestamp": "timestamp",
        "properties_hubspot_owner_id": "text",
        "properties_hs_email_subject": "text",
    }) }}
),

final as (
    select
        id as email_id,
        {{ json_path_text('companies', ['0']) }} as company_id,
        properties_hs_email_subject as subject,
        properties_hs_timestamp as sent_at,
        nullif(properties_hubspot_owner_id, '') as owner_id,
        "createdAt" as created_at,
        coalesce(archived, false) as is_archived
    from source
)

select * from final
