-- The unbroken stretches in which an account paid: rows that touch, overlap or lie at most the
-- grace gap apart make one chain. A chain has ended once the gap has passed without a restart;
-- until then it runs on, also where its last row ends in the future (the end of a term).
with paid as (
    select
        account_id,
        period_id,
        started_on,
        coalesce(ended_on, cast('9999-12-31' as date)) as ended_on
    from {{ ref('int_revenue__subscription_period') }}
    where
        account_id is not null
        and mrr > 0
        and not is_trial
        and started_on <= {{ as_of() }}
),

covered as (
    select
        account_id,
        period_id,
        started_on,
        ended_on,
        max(ended_on) over (
            partition by account_id
            order by started_on, period_id
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from paid
),

numbered as (
    select
        account_id,
        started_on,
        ended_on,
        sum(
            case
                when covered_until is null then 1
                when started_on > {{ add_days('covered_until', var('grace_days')) }} then 1
                else 0
            end
        ) over (
            partition by account_id
            order by started_on, period_id
            rows between unbounded preceding and current row
        ) as chain_no
    from covered
),

chains as (
    select
        account_id,
        cast(chain_no as integer) as chain_no,
        min(started_on) as started_on,
        max(ended_on) as paid_until
    from numbered
    group by account_id, chain_no
),

final as (
    select
        {{ record_key(['account_id', 'cast(chain_no as text)']) }} as account_chain_id,
        account_id,
        chain_no,
        started_on,
        case
            when paid_until <= {{ add_days(as_of(), '-' ~ var('grace_days')) }} then paid_until
        end as ended_on,
        case when paid_until < cast('9999-12-31' as date) then paid_until end as paid_until
    from chains
)

select * from final
