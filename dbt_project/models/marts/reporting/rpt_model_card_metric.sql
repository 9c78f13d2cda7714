-- Measures of each model version on held-out time: of all customers, and segment by segment.
{% set metric_words = [
    ('auc', 'AUC'),
    ('pr_auc', 'PR-AUC'),
    ('brier', 'Brier'),
    ('calibration_slope', 'Calibration slope'),
    ('precision_at_capacity', 'Precision at capacity'),
    ('lift_at_capacity', 'Lift at capacity'),
] %}
with model_run as (
    select
        model_version,
        card
    from {{ source('ml', 'model_run') }}
    where as_of_date <= {{ as_of() }}
),

judged as (
    select
        model_version,
        0 as segment_order,
        'All customers' as segment,
        {{ json_path_text('card', ['exam', 'accounts']) }} as accounts,
        {{ json_path_text('card', ['exam', 'events']) }} as events,
        {{ json_path_value('card', ['metrics']) }} as metrics
    from model_run
    union all
    select
        model_run.model_version,
        part.position as segment_order,
        {{ json_path_text('part.item', ['segment']) }} as segment,
        {{ json_path_text('part.item', ['accounts']) }} as accounts,
        {{ json_path_text('part.item', ['events']) }} as events,
        {{ json_path_value('part.item', ['metrics']) }} as metrics
    from model_run
    cross join {{ json_numbered_elements(json_path_value('model_run.card', ['segments']), 'part') }}
),

metric_name as (
    {% for name, label in metric_words -%}
        select
            '{{ name }}' as metric,
            {{ loop.index }} as metric_order,
            '{{ label }}' as metric_label
        {% if not loop.last -%} union all {% endif %}
    {% endfor %}
),

final as (
    select
        judged.model_version || '-' || cast(judged.segment_order as varchar) || '-'
        || metric_name.metric as model_card_metric_id,
        cast(judged.model_version as varchar) as model_version,
        cast(judged.segment as varchar) as segment,
        cast(judged.segment_order as integer) as segment_order,
        cast(judged.accounts as bigint) as accounts,
        cast(judged.events as bigint) as events,
        cast(metric_name.metric as varchar) as metric,
        metric_name.metric_order,
        cast(metric_name.metric_label as varchar) as metric_label,
        cast({{ json_path_text('measure.item', ['value']) }} as double precision) as metric_value,
        cast({{ json_path_text('measure.item', ['low']) }} as double precision) as value_low,
        cast({{ json_path_text('measure.item', ['high']) }} as double precision) as value_high
    from judged
    cross join {{ json_entries('judged.metrics', 'measure') }}
    inner join metric_name on measure.key = metric_name.metric
)

select * from final
