-- Measures on held-out time: model, rule and base rate side by side, with their intervals.
with current_model as (
    select
        model_name,
        model_version
    from {{ ref('rpt_model') }}
),

model_run as (
    select
        current_model.model_name,
        model_run.metrics,
        model_run.baseline_metrics
    from current_model
    inner join {{ source('ml', 'model_run') }} as model_run
        on current_model.model_version = model_run.model_version
),

judged as (
    select
        model_run.model_name,
        'model' as judged,
        measure.key as metric,
        measure.item
    from model_run
    {{ json_object_rows('model_run.metrics', 'measure') }}
    union all
    select
        model_run.model_name,
        baseline.key as judged,
        measure.key as metric,
        measure.item
    from model_run
    {{ json_object_rows('model_run.baseline_metrics', 'baseline') }}
    {{ json_object_rows('baseline.item', 'measure') }}
),

metric_name as (
    select
        'auc' as metric,
        1 as metric_order,
        'Ranking (AUC)' as metric_label,
        'higher' as better_is,
        'Chance that, of one account that left and one that stayed, the one that left was ranked riskier. 0.5 is a coin toss, 1 is perfect.' as explanation
    union all
    select
        'lift_top_decile', 2, 'Hits in the top tenth (lift)', 'higher',
        'How many times more leavers are among the riskiest tenth than in a random tenth. 1 is no better than chance.'
    union all
    select
        'pr_auc', 3, 'Precision over all cut-offs (PR-AUC)', 'higher',
        'Average share of alarms that were right. The base rate is what chance gives.'
    union all
    select
        'brier', 4, 'Error of the probability (Brier)', 'lower',
        'Mean squared distance between the probability and what happened. 0 is perfect.'
    union all
    select
        'log_loss', 5, 'Error of the probability (log loss)', 'lower',
        'Punishes confident mistakes. 0 is perfect.'
    union all
    select
        'calibration_slope', 6, 'Trust in the probability (slope)', 'near 1',
        '1 means the probabilities are neither too bold nor too timid; below 1 too bold.'
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
                else replace(judged.judged, '_', ' ')
            end as varchar
        ) as judged_label,
        case judged.judged when 'model' then 1 when 'rule' then 2 else 3 end as judged_order,
        cast(judged.metric as varchar) as metric,
        metric_name.metric_order,
        cast(metric_name.metric_label as varchar) as metric_label,
        cast(metric_name.better_is as varchar) as better_is,
        cast(metric_name.explanation as varchar) as explanation,
        cast({{ json_text('judged.item', 'value') }} as double precision) as metric_value,
        cast({{ json_text('judged.item', 'low') }} as double precision) as value_low,
        cast({{ json_text('judged.item', 'high') }} as double precision) as value_high
    from judged
    inner join metric_name on judged.metric = metric_name.metric
)

select * from final where metric_value is not null
