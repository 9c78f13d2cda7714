{% snapshot snapshot_account %}
{{ config(check_cols=[
    'account_name', 'domain', 'segment', 'industry', 'country', 'csm_name', 'csm_email',
]) }}
{{ snapshot_of(
    ref('int_account__attribute'),
    record_key(['source', 'source_object', 'source_id']),
    [
        'source_object', 'source_id', 'account_name', 'domain', 'segment', 'industry', 'country',
        'csm_name', 'csm_email', 'created_at',
    ],
) }}
{% endsnapshot %}
