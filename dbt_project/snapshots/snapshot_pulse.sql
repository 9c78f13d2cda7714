{% snapshot snapshot_pulse %}
{{ config(check_cols=['word', 'given_on']) }}
{{ snapshot_of(
    ref('int_account__present_pulse'),
    'record_key',
    ['source_object', 'source_id', 'word', 'given_on'],
) }}
{% endsnapshot %}
