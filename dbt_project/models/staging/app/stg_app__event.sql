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
        event_id,
        account_id,
        user_id,
        name as event_name,
        occurred_at,
        quantity
    from latest
)

select * from final
