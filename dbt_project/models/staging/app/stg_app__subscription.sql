with source as (
    {{ read_raw("app", "subscription", {
        "subscription_id": "text",
        "account_id": "text",
        "product": "text",
        "plan": "text",
        "seats": "number",
        "mrr": "number",
        "currency": "text",
        "billing_period": "text",
        "started_on": "date",
        "ended_on": "date",
        "renewal_on": "date",
        "cancelled_on": "date",
        "_airbyte_extracted_at": "timestamp",
        "_airbyte_raw_id": "text",
    }) }}
),

latest as (
    {{ latest_row("source", ["subscription_id", "started_on"]) }}
),

final as (
    select
        subscription_id,
        account_id,
        product,
        plan,
        cast(seats as integer) as seats,
        mrr,
        upper(trim(currency)) as currency,
        lower(trim(billing_period)) as billing_period,
        started_on,
        ended_on,
        renewal_on,
        cancelled_on
    from latest
)

select * from final
