-- The lifecycle stage of each customer on each tracked day, by the rules of dim_account and what
-- was known on that day.
with revenue as (
    select * from {{ ref('int_revenue__account_day') }}
    where is_tracked
),

chains as (
    select
        account_id,
        started_on,
        lead(started_on) over (partition by account_id order by started_on) as next_started_on
    from {{ ref('int_revenue__account_chain') }}
),

final as (
    select
        revenue.account_id,
        revenue.as_of_date,
        {{ running_stage(
            'revenue.mrr = 0',
            'coalesce(revenue.is_at_notice, false)',
            days_between('chains.started_on', 'revenue.as_of_date'),
            'revenue.term_months',
            days_between('revenue.as_of_date', 'revenue.term_end_date')
        ) }} as lifecycle_stage
    from revenue
    left outer join chains
        on
            revenue.account_id = chains.account_id
            and revenue.as_of_date >= chains.started_on
            and coalesce(revenue.as_of_date < chains.next_started_on, true)
)

select * from final
