with source as (
    {{ read_raw("freshdesk", "agents", {
        "id": "integer",
        "contact": "json",
    }) }}
),

final as (
    select
        cast(id as text) as agent_id,
        lower(trim({{ json_path_text('contact', ['email']) }})) as email
    from source
)

select * from final
