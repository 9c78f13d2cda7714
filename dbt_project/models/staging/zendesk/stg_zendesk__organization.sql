with source as (
    {{ read_raw("zendesk", "organizations", {
        "id": "integer",
        "name": "text",
        "external_id": "text",
        "domain_names": "json",
        "created_at": "timestamp",
        "deleted_at": "timestamp",
    }) }}
),

final as (
    select
        cast(id as text) as organization_id,
        nullif(trim(name), '') as organization_name,
        nullif(trim(external_id), '') as external_id,
        domain_names as domains,
        created_at,
        deleted_at
    from source
)

select * from final
