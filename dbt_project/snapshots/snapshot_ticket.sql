{% snapshot snapshot_ticket %}
{{ config(check_cols=['status', 'priority']) }}
{{ snapshot_of(ref('int_support__ticket'), 'ticket_id', ['status', 'priority']) }}
{% endsnapshot %}
