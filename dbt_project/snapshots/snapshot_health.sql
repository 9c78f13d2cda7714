{% snapshot snapshot_health %}
{{ config(
    unique_key='account_id',
    check_cols=[
        'as_of_date', 'health_score', 'override_id', 'identity', 'rules_version', 'inputs',
        'previous_score', 'weights_part', 'identity_part', 'expiry_part',
    ],
) }}
{{ health_said_of(ref('int_health__said'), ref('int_health__day_score'), ref('int_health__override')) }}
{% endsnapshot %}
