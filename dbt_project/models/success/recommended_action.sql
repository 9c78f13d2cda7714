-- The next step for each customer at the run's date: the playbook of its most pressing reason.
with reasons as (
    select * from {{ ref('int_success__reason') }}
    where place = 1
),

accounts as (
    select * from {{ ref('dim_account') }}
),

scores as (
    select * from {{ ref('int_success__latest_score') }}
),

final as (
    select
        reasons.account_id,
        {{ as_of() }} as as_of_date,
        cast(reasons.place as integer) as rank,
        reasons.playbook,
        reasons.channel,
        {{ playbook_text('reasons.subject') }} as subject,
        {{ playbook_text('reasons.message') }} as message,
        round(
            accounts.arr * cast(coalesce(scores.churn_probability, 0) as numeric)
            * reasons.save_share,
            2
        ) as expected_arr_saved,
        reasons.reason,
        'standard' as variant
    from reasons
    inner join accounts on reasons.account_id = accounts.account_id
    left outer join scores on reasons.account_id = scores.account_id
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
