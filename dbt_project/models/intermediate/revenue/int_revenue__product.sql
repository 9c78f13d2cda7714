-- A product goes by the first name under which it was seen, also after it is renamed: what was sold
-- before must not turn into another product. `product_name` is what it is called today.
with named as (
    select
        record_key,
        max(first_product_name) as first_product_name
    from {{ ref('snapshot_product') }}
    group by record_key
),

final as (
    select
        products.record_key,
        products.source,
        products.product_id,
        coalesce(named.first_product_name, products.product_name, products.product_id) as product,
        coalesce(products.product_name, products.product_id) as product_name
    from {{ ref('int_revenue__present_product') }} as products
    left outer join named
        on products.record_key = named.record_key
)

select * from final
