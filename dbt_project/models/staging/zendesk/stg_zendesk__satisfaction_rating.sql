with source as (
    {{ read_raw("zendesk", "satisfaction_ratings", {
        "id": "integer",
        "ticket_id": "integer",
        "score": "text",
        "created_at": "timestamp",
        "updated_at": "timestamp",
    }) }}
),

final as (
    select
        cast(id as text) as rating_id,
        cast(ticket_id as text) as ticket_id,
        lower(score) as score,
        created_at,
        updated_at
    from source
)

select * from final
