-- Measures on held-out time: model, rule and base rate side by side, with their intervals.
{% set metric_words = [
    (
        'auc', 'Ranking (AUC)', 'higher',
        'Of one customer it happened to and one it did not, how often the first was ranked higher. '
        ~ '0.5 is a coin toss, 1 is perfect.',
    ),
    (
        'lift_top_decile', 'Hits in the top tenth (lift)', 'higher',
        'How many times more hits the highest tenth holds than a random tenth. 1 is chance.',
    ),
    (
        'pr_auc', 'Share of alarms that are right (PR-AUC)', 'higher',
        'Averaged over all thresholds. Chance gives the share of customers it happens to.',
    ),
    (
        'brier', 'Error of the chance given (Brier)', 'lower',
        'Mean squared distance between the chance given and what happened. 0 is perfect.',
    ),
    (
        'log_loss', 'Error of the chance given (log loss)', 'lower',
        'Punishes confident mistakes. 0 is perfect.',
    ),
    (
        'calibration_slope', 'Boldness (calibration slope)', 'near 1',
        '1 is right; below 1 the chances given are too bold, above 1 too timid.',
    ),
] %}
with current_model as (
    select
        model_name,
        model_version
    from {{ ref('rpt_model') }}
),

model_run as (
    select
        model_version,
        metrics,
        baseline_metrics
    from {{ source('ml', 'model_run') }}
),

latest as (
    select
        current_model.model_name,
        model_run.metrics,
        model_run.baseline_metrics
    from current_model
    inner join model_run on current_model.model_version = model_run.model_version
),

judged as (
    select
        latest.model_name,
        'model' as judged,
        measure.key as metric,
        measure.item
    from latest
    cross join {{ json_entries('latest.metrics', 'measure') }}
    union all
    select
        latest.model_name,
        baseline.key as judged,
        measure.key as metric,
        measure.item
    from latest
    cross join {{ json_entries('latest.baseline_metrics', 'baseline') }}
    cross join {{ json_entries('baseline.item', 'measure') }}
),

metric_name as (
    {% for name, label, better_is, explanation in metric_words -%}
        select
            '{{ name }}' as metric,
            {{ loop.index }} as metric_order,
            '{{ label }}' as metric_label,
            '{{ better_is }}' as better_is,
            '{{ explanation }}' as explanation
        {% if not loop.last -%} union all {% endif %}
    {% endfor %}
),

final as (
    select
        judged.model_name || '-' || judged.judged || '-' || judged.metric as model_metric_id,
        cast(judged.model_name as varchar) as model_name,
        cast(judged.judged as varchar) as judged,
        cast(
            case judged.judged
                when 'model' then 'Model'
                when 'rule' then 'Rule'
                when 'base_rate' then 'Average rate'
                else {{ sentence_case('judged.judged') }}
            end as varchar
        ) as judged_label,
        case judged.judged when 'model' then 1 when 'rule' then 2 else 3 end as judged_order,
        cast(judged.metric as varchar) as metric,
        metric_name.metric_order,
        cast(metric_name.metric_label as varchar) as metric_label,
        cast(metric_name.better_is as varchar) as better_is,
        cast(metric_name.explanation as varchar) as explanation,
        cast({{ json_path_text('judged.item', ['value']) }} as double precision) as metric_value,
        cast({{ json_path_text('judged.item', ['low']) }} as double precision) as value_low,
        cast({{ json_path_text('judged.item', ['high']) }} as double precision) as value_high
    from judged
    inner join metric_name on judged.metric = metric_name.metric
    where {{ json_path_text('judged.item', ['value']) }} is not null
)

select * from final
