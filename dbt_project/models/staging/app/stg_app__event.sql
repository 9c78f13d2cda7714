with source as (
    {{ read_raw("app", "event", {
        "event_id": "text",
        "account_id": "text",
        "user_id": "text",
        "name": "text",
        "occurred_at": "timestamp",
        "quantity": "number",
        "_airbyte_extracted_at": "timestamp",
        "_airbyte_raw_id": "text",
    }) }}
),

latest as (
    {{ latest_row("source", ["event_id"]) }}
),

final as (
    select
        "event_id" as event_id,
        "account_id" as account_id,
        "user_id" as user_id,
        "name" as event_name,
        "occurred_at" as occurred_at,
        "quantity" as quantity
    from latest
)

select * from final
