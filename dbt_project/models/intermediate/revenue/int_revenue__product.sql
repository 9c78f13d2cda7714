-- A product goes by the first name under which it was seen, also after it is renamed: what was sold
-- before must not turn into another product. `product_name` is what it is called today.
with named as (
    select
        record_key,
        product_name,
        row_number() over (partition by record_key order by dbt_valid_from, dbt_valid_to) as age
    from {{ ref('snapshot_product') }}
    where product_name is not null
),

final as (
    select
        products.record_key,
        products.source,
        products.product_id,
        coalesce(named.product_name, products.product_name, products.product_id) as product,
        coalesce(products.product_name, products.product_id) as product_name
    from {{ ref('int_revenue__present_product') }} as products
    left outer join named
        on products.record_key = named.record_key and named.age = 1
)

select * from final
