-- The version of each model that is in use, with its exam, and why it is in use, in words.
-- Where a rule is in use instead, the exam is that of the newest training.
with training as (
    select
        *,
        row_number() over (
            partition by model_name
            order by as_of_date desc, trained_at desc, model_version desc
        ) as recency
    from {{ source('ml', 'model_run') }}
    where as_of_date <= {{ as_of() }}
),

decision as (
    select
        model_name,
        champion_version,
        reason,
        row_number() over (
            partition by model_name
            order by effective_date desc, decision_id desc
        ) as recency
    from {{ source('ml', 'model_decision') }}
    where effective_date <= {{ as_of() }}
),

standing as (
    select
        newest.model_version as newest_version,
        newest.verdict as newest_verdict,
        coalesce(decision.champion_version, newest.model_version) as model_version,
        decision.champion_version is not null as is_model_in_use,
        coalesce(decision.reason, newest.verdict_reason) as reason
    from training as newest
    left outer join decision
        on newest.model_name = decision.model_name and decision.recency = 1
    where newest.recency = 1
),

judged as (
    select
        training.*,
        standing.reason,
        case
            when standing.is_model_in_use then 'model'
            when standing.newest_verdict = 'model' then 'rule'
            else standing.newest_verdict
        end as basis,
        case
            when standing.is_model_in_use and standing.newest_version != standing.model_version
                then 'An earlier trained model is in use, not the newest.'
            when standing.is_model_in_use
                then 'The trained model passed its test and is in use.'
            when standing.newest_verdict = 'model'
                then 'The trained model was taken out of use: a simple rule is in use instead.'
            when standing.newest_verdict = 'rule'
                then 'The trained model did not pass its test: a simple rule is in use instead.'
            when standing.newest_verdict = 'base_rate'
                then 'Nothing better than the average passed its test: the average is in use.'
            else 'Not judged yet.'
        end as basis_text
    from standing
    inner join training on standing.model_version = training.model_version
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
        cast(basis as varchar) as verdict,
        cast(basis_text as varchar) as verdict_text,
        cast(reason as varchar) as verdict_reason,
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
    from judged
)

select * from final
