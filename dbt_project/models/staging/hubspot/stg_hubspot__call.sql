with source as (
    {{ read_raw("hubspot", "engagements_calls", {
        "id": "text",
        "archived": "boolean",
        "createdAt": "timestamp",
        "companies": "json",
        "properties_hs_timestamp": "timestamp",
        "properties_hubspot_owner_id": "text",
        "properties_hs_call_title": "text",
        "properties_hs_call_status": "text",
    }) }}
),

final as (
    select
        id as call_id,
        {{ json_path_text('companies', ['0']) }} as company_id,
        properties_hs_call_title as subject,
        upper(nullif(properties_hs_call_status, '')) as status,
        properties_hs_timestamp as called_at,
        nullif(properties_hubspot_owner_id, '') as owner_id,
        "createdAt" as created_at,
        coalesce(archived, false) as is_archived
    from source
)

select * from final
