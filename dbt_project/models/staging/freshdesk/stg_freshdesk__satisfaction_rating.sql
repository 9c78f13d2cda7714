-- A survey may ask several questions; the default one is about the ticket as a whole.
with source as (
    {{ read_raw("freshdesk", "satisfaction_ratings", {
        "id": "integer",
        "ticket_id": "integer",
        "ratings": "json",
        "created_at": "timestamp",
        "updated_at": "timestamp",
    }) }}
),

final as (
    select
        cast(id as text) as rating_id,
        cast(ticket_id as text) as ticket_id,
        cast({{ json_path_text('ratings', ['default_question']) }} as integer) as rating_code,
        created_at,
        updated_at
    from source
)

select * from final
