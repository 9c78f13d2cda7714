-- How an account's MRR moved from one month's end to the next. A chain that ended is churn and a
-- chain that began after one is reactivation; what happens inside a chain, also a gap of at most
-- the grace days, is expansion or contraction.
with account_month as (
    select * from {{ ref('int_revenue__account_month') }}
),

compared as (
    select
        *,
        lag(closing_mrr, 1, cast(0 as numeric)) over earlier as opening_mrr,
        max(case when closing_mrr > 0 then chains_started end) over (
            partition by account_id
            order by month
            rows between unbounded preceding and 1 preceding
        ) as last_paid_chain
    from account_month
    window earlier as (partition by account_id order by month)
),

classified as (
    select
        *,
        case
            when opening_mrr = 0 and closing_mrr > 0 and last_paid_chain is null then 'new'
            when opening_mrr = 0 and closing_mrr > 0 and chains_started > last_paid_chain
                then 'reactivated'
            when opening_mrr > 0 and closing_mrr = 0 and chains_ended >= last_paid_chain
                then 'churned'
            when opening_mrr > 0 and closing_mrr > 0 and chains_started > last_paid_chain
                then 'replaced'
            when closing_mrr > opening_mrr then 'expanded'
            when closing_mrr < opening_mrr then 'contracted'
            else 'unchanged'
        end as movement
    from compared
),

final as (
    select
        account_month_id as mrr_movement_id,
        account_id,
        month,
        sampled_on as sampled_date,
        cast(opening_mrr as numeric) as opening_mrr,
        cast(case when movement = 'new' then closing_mrr else 0 end as numeric) as new_mrr,
        cast(case when movement = 'expanded' then closing_mrr - opening_mrr else 0 end as numeric)
            as expansion_mrr,
        cast(
            case when movement = 'contracted' then closing_mrr - opening_mrr else 0 end as numeric
        ) as contraction_mrr,
        cast(
            case when movement in ('churned', 'replaced') then -opening_mrr else 0 end as numeric
        ) as churned_mrr,
        cast(
            case when movement in ('reactivated', 'replaced') then closing_mrr else 0 end as numeric
        ) as reactivation_mrr,
        cast(closing_mrr as numeric) as closing_mrr
    from classified
)

select * from final
