with source as (
    {{ read_raw("intercom", "conversations", {
        "id": "text",
        "title": "text",
        "source": "json",
        "contacts": "json",
        "priority": "text",
        "state": "text",
        "first_contact_reply": "json",
        "statistics": "json",
        "conversation_rating": "json",
        "created_at": "integer",
    }) }}
),

named as (
    select
        id as conversation_id,
        coalesce(
            nullif(trim(title), ''),
            nullif(trim({{ json_path_text('source', ['subject']) }}), '')
        ) as subject,
        {{ json_path_text('source', ['author', 'type']) }} as author_type,
        {{ json_path_text('contacts', ['contacts', '0', 'id']) }} as contact_id,
        lower(priority) as priority,
        lower(state) as state,
        cast({{ json_path_text('conversation_rating', ['rating']) }} as numeric) as rating,
        cast({{ json_path_text('conversation_rating', ['created_at']) }} as bigint)
            as rating_seconds,
        cast({{ json_path_text('first_contact_reply', ['created_at']) }} as bigint)
            as contact_reply_seconds,
        cast({{ json_path_text('statistics', ['first_admin_reply_at']) }} as bigint)
            as admin_reply_seconds,
        cast({{ json_path_text('statistics', ['last_close_at']) }} as bigint) as close_seconds,
        created_at as created_seconds
    from source
),

final as (
    select
        conversation_id,
        subject,
        author_type,
        contact_id,
        priority,
        state,
        rating,
        {{ from_unix_seconds('rating_seconds') }} as rating_requested_at,
        {{ from_unix_seconds('contact_reply_seconds') }} as first_contact_reply_at,
        {{ from_unix_seconds('admin_reply_seconds') }} as first_admin_reply_at,
        {{ from_unix_seconds('close_seconds') }} as last_closed_at,
        {{ from_unix_seconds('created_seconds') }} as created_at
    from named
)

select * from final
