with source as (
    {{ read_raw("stripe", "prices", {
        "id": "text",
        "product": "text",
        "currency": "text",
        "nickname": "text",
        "unit_amount": "number",
        "recurring": "json",
    }) }}
),

final as (
    select
        id as price_id,
        product as product_id,
        upper(currency) as currency,
        nickname,
        unit_amount,
        {{ json_path_text('recurring', ['interval']) }} as interval_unit,
        cast({{ json_path_text('recurring', ['interval_count']) }} as numeric) as interval_count,
        {{ json_path_text('recurring', ['usage_type']) }} as usage_type
    from source
)

select * from final
