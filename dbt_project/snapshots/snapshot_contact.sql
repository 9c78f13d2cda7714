{% snapshot snapshot_contact %}
{{ config(check_cols=['role', 'is_champion']) }}
{{ snapshot_of(
    ref('int_contact'), 'contact_id', ['contact_source_id', 'role', 'is_champion'],
) }}
{% endsnapshot %}
