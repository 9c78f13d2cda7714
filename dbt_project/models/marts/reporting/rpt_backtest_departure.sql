-- Who left in the time of the last backtest: foretold with days of warning, or missed, and why.
with backtest as (
    select as_of_date from {{ ref('rpt_backtest') }}
),

departure as (
    select * from {{ source('ml', 'backtest_departure') }}
),

account as (
    select
        account_id,
        account_name
    from {{ ref('dim_account') }}
),

final as (
    select
        departure.account_id || '-' || cast(departure.left_on as varchar) as departure_id,
        cast(departure.account_id as varchar) as account_id,
        cast(coalesce(account.account_name, departure.account_id) as varchar) as account_name,
        departure.left_on,
        departure.known_on,
        departure.arr,
        departure.called_on is not null as is_caught,
        departure.called_on,
        cast(departure.days_of_warning as bigint) as days_of_warning,
        cast(
            {{ labelled('departure.missed_kind', {
                'below_capacity': 'Ranked too low',
                'payment': 'A matter of payment',
                'too_little_known': 'Too little known',
                'joined_between': 'Came and went between two lists',
                'known_early': 'Gave notice early',
            }) }} as varchar
        ) as missed_label,
        cast(departure.missed_reason as varchar) as missed_reason
    from departure
    inner join backtest on departure.as_of_date = backtest.as_of_date
    left outer join account on departure.account_id = account.account_id
)

select * from final
