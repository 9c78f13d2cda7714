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
        invoice_id,
        account_id,
        amount,
        upper(trim(currency)) as currency,
        issued_on,
        due_on,
        paid_on
    from latest
)

select * from final
