with source as (
    {{ read_raw("intercom", "conversation_parts", {
        "id": "text",
        "conversation_id": "text",
        "part_type": "text",
        "author": "json",
        "created_at": "integer",
    }) }}
),

final as (
    select
        id as part_id,
        {{ safe_number('id') }} as part_number,
        conversation_id,
        lower(part_type) as part_type,
        {{ json_path_text('author', ['type']) }} as author_type,
        {{ from_unix_seconds('created_at') }} as created_at
    from source
)

select * from final
