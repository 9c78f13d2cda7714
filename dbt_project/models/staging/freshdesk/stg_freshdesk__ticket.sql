with source as (
    {{ read_raw("freshdesk", "tickets", {
        "id": "integer",
        "subject": "text",
        "priority": "integer",
        "status": "integer",
        "spam": "boolean",
        "requester_id": "integer",
        "requester": "json",
        "company_id": "integer",
        "stats": "json",
        "created_at": "timestamp",
    }) }}
),

final as (
    select
        cast(id as text) as ticket_id,
        subject,
        priority as priority_code,
        status as status_code,
        coalesce(spam, false) as is_spam,
        cast(requester_id as text) as requester_id,
        lower(trim({{ json_path_text('requester', ['email']) }})) as requester_email,
        cast(company_id as text) as company_id,
        cast({{ json_path_text('stats', ['first_responded_at']) }} as {{ data_type('timestamp') }})
            as first_responded_at,
        cast({{ json_path_text('stats', ['resolved_at']) }} as {{ data_type('timestamp') }})
            as resolved_at,
        cast({{ json_path_text('stats', ['closed_at']) }} as {{ data_type('timestamp') }})
            as closed_at,
        created_at
    from source
)

select * from final
