{% snapshot snapshot_rating %}
{{ config(check_cols=['score']) }}
{{ snapshot_of(
    ref('int_support__present_rating'), 'rating_id', ['source_ticket_id', 'score', 'rated_at'],
) }}
{% endsnapshot %}
