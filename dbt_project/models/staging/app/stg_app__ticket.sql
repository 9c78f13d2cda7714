with source as (
    {{ read_raw("app", "ticket", {
        "ticket_id": "text",
        "account_id": "text",
        "requester_email": "text",
        "priority": "text",
        "status": "text",
        "created_at": "timestamp",
        "first_response_at": "timestamp",
        "solved_at": "timestamp",
        "satisfaction_score": "number",
        "subject": "text",
        "_airbyte_extracted_at": "timestamp",
        "_airbyte_raw_id": "text",
    }) }}
),

latest as (
    {{ latest_row("source", ["ticket_id"]) }}
),

final as (
    select
        ticket_id,
        account_id,
        lower(trim(requester_email)) as requester_email,
        lower(trim(priority)) as priority,
        lower(trim(status)) as status,
        created_at,
        first_response_at,
        solved_at,
        satisfaction_score,
        subject
    from latest
)

select * from final
