-- Products as the billing system names them today. Own tables name products by themselves.
with final as (
    {% if source_enabled('stripe') -%}
        select
            {{ record_key(["'stripe'", "'product'", 'product_id']) }} as record_key,
            'stripe' as source,
            product_id,
            product_name
        from {{ ref('stg_stripe__product') }}
    {%- else -%}
        select
            cast(null as {{ data_type('text') }}) as record_key,
            cast(null as {{ data_type('text') }}) as source,
            cast(null as {{ data_type('text') }}) as product_id,
            cast(null as {{ data_type('text') }}) as product_name
        where false
    {%- endif %}
)

select * from final
