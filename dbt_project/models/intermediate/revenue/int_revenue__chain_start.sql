-- How each chain began: what was paid on its first day, for which term, and since when it was known
-- that it ran (a back-dated row is known later than it starts).
with chains as (
    select * from {{ ref('int_revenue__account_chain') }}
),

periods as (
    select * from {{ ref('int_revenue__subscription_period') }}
    where mrr > 0 and not is_trial and started_on <= {{ as_of() }}
),

final as (
    select
        chains.account_chain_id,
        min(periods.known_on) as known_on,
        sum(case when periods.started_on = chains.started_on then periods.mrr end) as start_mrr,
        max(
            case
                when periods.started_on = chains.started_on
                    then coalesce(periods.term_months, 12)
            end
        ) as start_term_months
    from chains
    inner join periods
        on
            chains.account_id = periods.account_id
            and chains.started_on <= periods.started_on
            and (chains.paid_until is null or chains.paid_until > periods.started_on)
    group by chains.account_chain_id
)

select * from final
