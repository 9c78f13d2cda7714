{% snapshot snapshot_product %}
{{ config(check_cols=['product_name']) }}
{{ snapshot_of(ref('int_revenue__present_product'), 'record_key', ['product_id', 'product_name'], first_of='product_name') }}
{% endsnapshot %}
