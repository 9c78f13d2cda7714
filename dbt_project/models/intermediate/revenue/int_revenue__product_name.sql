-- What a product that was sold under the name of `product` is called today.
with final as (
    select
        product,
        max(product_name) as product_name
    from {{ ref('int_revenue__product') }}
    group by product
)

select * from final
