with source as (
    {{ read_raw("mixpanel", "export", {
        "event": "text",
        "distinct_id": "text",
        "insert_id": "text",
        "time": "timestamp",
        "company_id": "text",
        "email": "text",
        "quantity": "text",
        "_airbyte_raw_id": "text",
    }) }}
),

final as (
    select
        event as event_name,
        distinct_id,
        coalesce(nullif(insert_id, ''), _airbyte_raw_id) as insert_id,
        time as occurred_at,
        nullif(company_id, '') as company_id,
        lower(nullif(trim(email), '')) as email,
        {{ safe_number('quantity') }} as quantity
    from source
)

select * from final
