{% snapshot snapshot_answer %}
{{ config(check_cols=['word', 'points', 'reason', 'expires_on']) }}
{{ snapshot_of(
    ref('int_account__present_answer'),
    'record_key',
    ['source_object', 'source_id', 'question', 'word', 'points', 'reason', 'expires_on'],
) }}
{% endsnapshot %}
