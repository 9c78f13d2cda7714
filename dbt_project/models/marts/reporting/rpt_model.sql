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
                else replace(model_name, '_', ' ')
            end as varchar
        ) as model_label,
        case model_name when 'churn' then 1 when 'upsell' then 2 else 3 end as model_order,
        cast(model_version as varchar) as model_version,
        as_of_date,
        cast(verdict as varchar) as verdict,
        cast(
            case verdict
                when 'model' then 'The trained model passed its test and is in use.'
                when 'rule' then 'The trained model did not pass its test, so a simple rule is in use instead.'
                when 'base_rate' then 'Neither the model nor the rule can be trusted here: every account gets the average rate.'
                else 'Not judged yet.'
            end as varchar
        ) as verdict_text,
        cast(verdict_reason as varchar) as verdict_reason,
        train_start,
        train_end,
        test_start,
        test_end,
        cast(rows_train as bigint) as rows_train,
        cast(rows_test as bigint) as rows_test,
        cast(events_train as bigint) as events_train,
        cast(events_test as bigint) as events_test,
        cast(accounts as bigint) as accounts,
        case
            when rows_test > 0 then cast(events_test as numeric) / rows_test
        end as event_rate_test
    from model_run
    where recency = 1
)

select * from final
