with source as (
    {{ read_raw("pipedrive", "persons", {
        "id": "text",
        "org_id": "text",
        "name": "text",
        "email": "json",
        "active_flag": "boolean",
        "add_time": "text",
        "update_time": "timestamp",
        "delete_time": "text",
    }) }}
),

final as (
    select
        id as person_id,
        org_id as organization_id,
        nullif(trim(name), '') as full_name,
        lower(nullif(trim({{ json_path_text('email', ['0', 'value']) }}), '')) as email,
        {{ utc_moment('add_time') }} as created_at,
        case
            when not coalesce(active_flag, true)
                then coalesce({{ utc_moment('delete_time') }}, update_time)
        end as deleted_at
    from source
)

select * from final
