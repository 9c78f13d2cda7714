-- The backtest that was made last: what the scores would have told in the year before.
with backtest_run as (
    select
        *,
        row_number() over (order by as_of_date desc) as recency
    from {{ source('ml', 'backtest_run') }}
    where as_of_date <= {{ as_of() }}
),

final as (
    select
        as_of_date,
        cast(horizon_days as bigint) as horizon_days,
        cast(note as varchar) as note,
        lists,
        figures
    from backtest_run
    where recency = 1
)

select * from final
