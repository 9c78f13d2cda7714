-- The next step for each customer at the run's date: the playbook of its most pressing open alert,
-- else of its best opportunity, else a steady touch.
with health as (
    select * from {{ ref('fct_account_health') }}
    where as_of_date = {{ as_of() }}
),

accounts as (
    select * from {{ ref('dim_account') }}
),

scores as (
    select * from {{ ref('int_success__latest_score') }}
),

opportunities as (
    select * from {{ ref('int_success__best_opportunity') }}
    where expected_arr > 0
),

playbooks as (
    select * from {{ ref('playbook') }}
),

candidates as (
    select
        account_id,
        rule as trigger_rule,
        detail as reason,
        cast(null as {{ dbt.type_string() }}) as product
    from {{ ref('alert') }}
    where state = 'open'
    union all
    select
        account_id,
        kind as trigger_rule,
        reason,
        product
    from opportunities
    union all
    select
        account_id,
        'none' as trigger_rule,
        'Health is ' || health_band as reason,
        null as product
    from health
),

ranked as (
    select
        candidates.account_id,
        candidates.reason,
        candidates.product,
        playbooks.playbook,
        playbooks.channel,
        playbooks.subject,
        playbooks.message,
        playbooks.save_share,
        row_number() over (
            partition by candidates.account_id
            order by playbooks.priority asc, candidates.reason asc
        ) as place
    from candidates
    inner join playbooks on candidates.trigger_rule = playbooks.trigger_rule
    inner join health on candidates.account_id = health.account_id
),

final as (
    select
        ranked.account_id,
        {{ as_of() }} as as_of_date,
        cast(ranked.place as integer) as rank,
        ranked.playbook,
        ranked.channel,
        replace(ranked.subject, '{account_name}', accounts.account_name) as subject,
        replace(
            replace(
                replace(ranked.message, '{account_name}', accounts.account_name),
                '{reason}',
                ranked.reason
            ),
            '{product}',
            coalesce(ranked.product, 'this')
        ) as message,
        round(
            accounts.arr * cast(coalesce(scores.churn_probability, 0) as numeric)
            * ranked.save_share,
            2
        ) as expected_arr_saved,
        ranked.reason,
        'standard' as variant
    from ranked
    inner join accounts on ranked.account_id = accounts.account_id
    left outer join scores on ranked.account_id = scores.account_id
    where ranked.place = 1
)

select
    account_id,
    as_of_date,
    rank,
    playbook,
    channel,
    subject,
    message,
    expected_arr_saved,
    reason,
    variant
from final
