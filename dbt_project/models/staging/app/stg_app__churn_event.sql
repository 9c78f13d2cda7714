with source as (
    {{ read_raw("app", "churn_event", {
        "churn_event_id": "text",
        "account_id": "text",
        "churned_on": "date",
        "_airbyte_extracted_at": "timestamp",
        "_airbyte_raw_id": "text",
    }) }}
),

latest as (
    {{ latest_row("source", ["churn_event_id"]) }}
),

final as (
    select
        churn_event_id,
        account_id,
        churned_on
    from latest
)

select * from final
