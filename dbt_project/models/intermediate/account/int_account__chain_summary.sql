-- First paid day, running chain and end of the last chain of each account.
with chains as (
    select * from {{ ref('int_revenue__account_chain') }}
),

final as (
    select
        account_id,
        min(started_on) as first_subscribed_date,
        max(started_on) as chain_started_date,
        max(case when ended_on is null then 1 else 0 end) = 1 as is_running,
        case
            when max(case when ended_on is null then 1 else 0 end) = 0 then max(ended_on)
        end as churned_date
    from chains
    group by account_id
)

select * from final
