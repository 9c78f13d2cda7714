with source as (
    {{ read_raw("zendesk", "tickets", {
        "id": "integer",
        "subject": "text",
        "priority": "text",
        "status": "text",
        "requester_id": "integer",
        "organization_id": "integer",
        "created_at": "timestamp",
        "updated_at": "timestamp",
    }) }}
),

final as (
    select
        cast(id as text) as ticket_id,
        subject,
        lower(priority) as priority,
        lower(status) as status,
        cast(requester_id as text) as requester_id,
        cast(organization_id as text) as organization_id,
        created_at,
        updated_at
    from source
)

select * from final
