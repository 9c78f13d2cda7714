with source as (
    {{ read_raw("pipedrive", "stages", {
        "id": "text",
        "name": "text",
    }) }}
),

final as (
    select
        id as stage_id,
        name as stage
    from source
)

select * from final
