with source as (
    {{ read_raw("hubspot", "engagements_meetings", {
        "id": "text",
        "archived": "boolean",
        "createdAt": "timestamp",
        "companies": "json",
        "properties_hs_timestamp": "timestamp",
        "properties_hubspot_owner_id": "text",
        "properties_hs_meeting_title": "text",
        "properties_hs_meeting_start_time": "timestamp",
        "properties_hs_meeting_outcome": "text",
    }) }}
),

final as (
    select
        id as meeting_id,
        {{ json_path_text('companies', ['0']) }} as company_id,
        properties_hs_meeting_title as subject,
        upper(nullif(properties_hs_meeting_outcome, '')) as outcome,
        coalesce(properties_hs_meeting_start_time, properties_hs_timestamp) as started_at,
        nullif(properties_hubspot_owner_id, '') as owner_id,
        "createdAt" as created_at,
        coalesce(archived, false) as is_archived
    from source
)

select * from final
