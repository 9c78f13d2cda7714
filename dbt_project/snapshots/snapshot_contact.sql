{% snapshot snapshot_contact %}
{{ config(
    check_cols=['account_source_object', 'account_source_id', 'role', 'is_champion'],
) }}
{{ snapshot_of(
    ref('int_contact'),
    'contact_id',
    ['contact_source_id', 'account_source_object', 'account_source_id', 'role', 'is_champion'],
) }}
{% endsnapshot %}
