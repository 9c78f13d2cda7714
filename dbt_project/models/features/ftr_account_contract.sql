-- Each account that pays at the run's date: how long it has, what, and whether it has given notice
-- (every row that it pays for is cancelled). Ages are counted from the start of the running chain.
with chains as (
    select * from {{ ref('int_revenue__account_chain') }}
    where ended_on is null
),

starts as (
    select * from {{ ref('int_revenue__chain_start') }}
),

terms as (
    select * from {{ ref('int_account__running_term') }}
    where is_paid
),

paid as (
    select
        account_id,
        sum(mrr) as mrr,
        max(term_months) as term_months,
        max(term_ends_on) as last_term_ends_on
    from terms
    group by account_id
),

states as (
    select * from {{ ref('int_account__commercial_state') }}
),

final as (
    select
        chains.account_id,
        {{ as_of() }} as as_of_date,
        chains.chain_no,
        chains.started_on,
        {{ months_between('chains.started_on', as_of()) }} as tenure_months,
        {{ months_between('chains.started_on', add_days(as_of(), var('horizon_days'))) }}
            as horizon_tenure_months,
        cast(starts.start_mrr as numeric) as start_mrr,
        cast(starts.start_term_months as integer) as start_term_months,
        cast(paid.mrr as numeric) as mrr,
        cast(paid.term_months as integer) as term_months,
        case when states.is_at_notice then paid.last_term_ends_on end as leaves_on,
        case
            when states.is_at_notice
                then {{ months_between('chains.started_on', 'paid.last_term_ends_on') }}
        end as leaving_tenure_months
    from chains
    inner join starts on chains.account_chain_id = starts.account_chain_id
    inner join paid on chains.account_id = paid.account_id
    inner join states on chains.account_id = states.account_id
)

select * from final
