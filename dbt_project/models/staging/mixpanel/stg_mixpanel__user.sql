with source as (
    {{ read_raw("mixpanel", "engage", {
        "distinct_id": "text",
        "email": "text",
        "company_id": "text",
        "last_seen": "timestamp",
    }) }}
),

final as (
    select
        distinct_id,
        lower(nullif(trim(email), '')) as email,
        nullif(company_id, '') as company_id,
        last_seen as last_seen_at
    from source
)

select * from final
