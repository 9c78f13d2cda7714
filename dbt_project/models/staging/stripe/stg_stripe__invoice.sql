-- An invoice that is still a draft may yet change or vanish: it is not a fact. One that is written
-- off within a day of being made is that of a paused collection: nobody was to pay it.
with source as (
    {{ read_raw("stripe", "invoices", {
        "id": "text",
        "customer": "text",
        "subscription": "text",
        "status": "text",
        "currency": "text",
        "total": "number",
        "created": "integer",
        "due_date": "number",
        "is_deleted": "boolean",
        "discounts": "json",
        "status_transitions": "json",
        "lines": "json",
    }) }}
),

named as (
    select
        id as invoice_id,
        customer as customer_id,
        subscription as subscription_id,
        coalesce(status, 'open') as status,
        upper(currency) as currency,
        total as total_minor,
        created as created_seconds,
        due_date as due_seconds,
        cast({{ json_path_text('status_transitions', ['paid_at']) }} as numeric) as paid_seconds,
        cast({{ json_path_text('status_transitions', ['voided_at']) }} as numeric)
            as voided_seconds,
        cast({{ json_path_text('status_transitions', ['marked_uncollectible_at']) }} as numeric)
            as written_off_seconds,
        discounts,
        coalesce(is_deleted, false) as is_deleted,
        cast({{ json_path_text('lines', ['total_count']) }} as integer) as total_lines,
        {{ json_path_value('lines', ['data']) }} as lines
    from source
),

final as (
    select
        invoice_id,
        customer_id,
        subscription_id,
        status,
        currency,
        {{ from_minor_units('total_minor', 'currency') }} as total,
        {{ from_unix_seconds('created_seconds') }} as created_at,
        {{ from_unix_seconds('due_seconds') }} as due_at,
        {{ from_unix_seconds('paid_seconds') }} as paid_at,
        {{ from_unix_seconds(
            'coalesce(voided_seconds, case when written_off_seconds <= created_seconds + 86400'
            ~ ' then created_seconds end)'
        ) }} as voided_at,
        discounts,
        total_lines,
        lines
    from named
    where status <> 'draft' and not is_deleted
)

select * from final
