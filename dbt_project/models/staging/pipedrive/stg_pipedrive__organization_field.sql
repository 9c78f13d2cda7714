with source as (
    {{ read_raw("pipedrive", "organization_fields", {
        "key": "text",
        "name": "text",
        "edit_flag": "boolean",
        "options": "json",
    }) }}
),

final as (
    select
        key as field_key,
        nullif(trim(name), '') as field_name,
        options
    from source
    where edit_flag
)

select * from final
