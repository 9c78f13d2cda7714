-- The latest training of each model, with its verdict in words.
with model_run as (
    select
        *,
        row_number() over (
            partition by model_name
            order by as_of_date desc, trained_at desc, model_version desc
        ) as recency
    from {{ source('ml', 'model_run') }}
    where as_of_date <= {{ as_of() }}
),

final as (
    select
        cast(model_name as varchar) as model_name,
        cast(
            case model_name
                when 'churn' then 'Who will leave'
                when 'upsell' then 'Who will buy more'
                when 'cross_sell' then 'Who will buy a further product'
                else {{ sentence_case('model_name') }}
            end as varchar
        ) as model_label,
        case model_name when 'churn' then 1 when 'upsell' then 2 else 3 end as model_order,
        cast(model_version as varchar) as model_version,
        as_of_date,
        cast(verdict as varchar) as verdict,
        cast(
            case verdict
                when 'model' then 'The trained model passed its test and is in use.'
                when 'rule'
                    then 'The trained model did not pass its test: a simple rule is in use instead.'
                when 'base_rate'
                    then 'Nothing better than the average passed its test: the average is in use.'
                else 'Not judged yet.'
            end as varchar
        ) as verdict_text,
        cast(verdict_reason as varchar) as verdict_reason,
        train_start as train_start_date,
        train_end as train_end_date,
        test_start as test_start_date,
        test_end as test_end_date,
        cast(rows_train as bigint) as rows_train,
        cast(rows_test as bigint) as rows_test,
        cast(events_train as bigint) as events_train,
        cast(events_test as bigint) as events_test,
        cast(accounts as bigint) as accounts,
        cast(
            {{ json_path_text('baseline_metrics', ['base_rate', 'event_rate', 'value']) }}
            as double precision
        ) as event_rate_test
    from model_run
    where recency = 1
)

select * from final
