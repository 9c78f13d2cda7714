with source as (
    {{ read_raw("hubspot", "engagements_tasks", {
        "id": "text",
        "archived": "boolean",
        "createdAt": "timestamp",
        "updatedAt": "timestamp",
        "companies": "json",
        "properties_hs_timestamp": "timestamp",
        "properties_hubspot_owner_id": "text",
        "properties_hs_task_subject": "text",
        "properties_hs_task_status": "text",
        "properties_hs_task_type": "text",
        "properties_hs_task_completion_date": "timestamp",
    }) }}
),

final as (
    select
        id as task_id,
        {{ json_path_text('companies', ['0']) }} as company_id,
        properties_hs_task_subject as subject,
        upper(nullif(properties_hs_task_status, '')) as status,
        upper(nullif(properties_hs_task_type, '')) as task_type,
        properties_hs_task_completion_date as completed_at,
        nullif(properties_hubspot_owner_id, '') as owner_id,
        properties_hs_timestamp as due_at,
        "createdAt" as created_at,
        "updatedAt" as modified_at,
        coalesce(archived, false) as is_archived
    from source
)

select * from final
