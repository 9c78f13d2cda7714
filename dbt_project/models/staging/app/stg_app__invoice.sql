with source as (
    {{ read_raw("app", "invoice", {
        "invoice_id": "text",
        "account_id": "text",
        "amount": "number",
        "currency": "text",
        "issued_on": "date",
        "due_on": "date",
        "paid_on": "date",
        "_airbyte_extracted_at": "timestamp",
        "_airbyte_raw_id": "text",
    }) }}
),

latest as (
    {{ latest_row("source", ["invoice_id"]) }}
),

final as (
    select
        "invoice_id" as invoice_id,
        "account_id" as account_id,
        "amount" as amount,
        upper(trim("currency")) as currency,
        "issued_on" as issued_on,
        "due_on" as due_on,
        "paid_on" as paid_on
    from latest
)

select * from final
