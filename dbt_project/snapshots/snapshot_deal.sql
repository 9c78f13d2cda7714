{% snapshot snapshot_deal %}
{{ config(check_cols=['stage', 'amount', 'close_date', 'owner_email']) }}
{{ snapshot_of(
    ref('int_deal'),
    'deal_id',
    ['deal_source_id', 'stage', 'amount', 'currency', 'close_date', 'owner_email'],
) }}
{% endsnapshot %}
