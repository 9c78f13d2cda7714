with source as (
    {{ read_raw("pipedrive", "organizations", {
        "id": "text",
        "name": "text",
        "owner_id": "json",
        "address_country": "text",
        "active_flag": "boolean",
        "add_time": "text",
        "update_time": "text",
        "delete_time": "text",
        "custom_fields": "json",
    }) }}
),

final as (
    select
        id as organization_id,
        nullif(trim(name), '') as organization_name,
        coalesce(
            {{ json_path_text('owner_id', ['id']) }}, {{ json_path_text('owner_id', []) }}
        ) as owner_id,
        nullif(address_country, '') as country,
        custom_fields,
        {{ utc_moment('add_time') }} as created_at,
        case
            when not coalesce(active_flag, true)
                then {{ utc_moment('coalesce(delete_time, update_time)') }}
        end as deleted_at
    from source
)

select * from final
