{% snapshot snapshot_account %}
{{ config(check_cols=[
    'account_name', 'domain', 'segment', 'industry', 'country', 'csm_name', 'csm_email',
    'explicit_id', 'parent_source_id', 'deleted_at',
]) }}
{{ snapshot_of(
    ref('int_account__present_record'),
    'record_key',
    [
        'source_object', 'source_id', 'account_name', 'domain', 'segment', 'industry', 'country',
        'csm_name', 'csm_email', 'explicit_source', 'explicit_object', 'explicit_id',
        'parent_source_id', 'created_at', 'deleted_at',
    ],
) }}
{% endsnapshot %}
