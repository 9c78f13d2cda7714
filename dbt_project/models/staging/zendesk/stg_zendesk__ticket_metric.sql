with source as (
    {{ read_raw("zendesk", "ticket_metrics", {
        "id": "integer",
        "ticket_id": "integer",
        "reply_time_in_minutes": "json",
        "solved_at": "timestamp",
    }) }}
),

final as (
    select
        cast(id as text) as ticket_metric_id,
        cast(ticket_id as text) as ticket_id,
        cast({{ json_path_text('reply_time_in_minutes', ['calendar']) }} as numeric)
            as reply_minutes,
        solved_at
    from source
)

select * from final
