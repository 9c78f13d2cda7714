-- Who would have been called, list by list of the last backtest, and whether that was right.
with backtest as (
    select as_of_date from {{ ref('rpt_backtest') }}
),

called as (
    select * from {{ source('ml', 'backtest_call') }}
    where is_called
),

account as (
    select
        account_id,
        account_name
    from {{ ref('dim_account') }}
),

final as (
    select
        called.account_id || '-' || cast(called.list_date as varchar) as call_id,
        called.list_date,
        cast(called.account_id as varchar) as account_id,
        cast(coalesce(account.account_name, called.account_id) as varchar) as account_name,
        cast(called.rank as bigint) as list_rank,
        called.churn_probability,
        called.probability_low,
        called.probability_high,
        called.arr,
        called.left_on is not null as has_left,
        called.left_on
    from called
    inner join backtest on called.as_of_date = backtest.as_of_date
    left outer join account on called.account_id = account.account_id
)

select * from final
