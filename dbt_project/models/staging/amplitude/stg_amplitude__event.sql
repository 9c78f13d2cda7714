with source as (
    {{ read_raw("amplitude", "events", {
        "uuid": "text",
        "event_type": "text",
        "user_id": "text",
        "event_time": "timestamp",
        "groups": "json",
        "user_properties": "json",
        "event_properties": "json",
    }) }}
),

final as (
    select
        uuid as event_id,
        event_type as event_name,
        nullif(trim(user_id), '') as user_id,
        event_time as occurred_at,
        coalesce(
            nullif({{ json_path_text('groups', ['company', '0']) }}, ''),
            nullif(nullif({{ json_path_text('groups', ['company']) }}, ''), '[]'),
            nullif({{ json_path_text('user_properties', ['company_id']) }}, '')
        ) as company_id,
        lower(nullif(trim({{ json_path_text('user_properties', ['email']) }}), '')) as email,
        {{ safe_number(json_path_text('event_properties', ['quantity'])) }} as quantity
    from source
)

select * from final
