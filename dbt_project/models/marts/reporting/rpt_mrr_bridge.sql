-- The last twelve months of MRR movements as the steps of a waterfall.
with monthly as (
    select * from {{ ref('rpt_mrr_month') }}
),

recent as (
    select *
    from monthly
    where month > cast({{ dbt.dateadd('month', -12, as_of()) }} as date)
),

first_month as (
    select opening_mrr
    from recent
    where month = (select min(month) from recent)
),

total as (
    select
        sum(new_mrr) as new_mrr,
        sum(expansion_mrr) as expansion_mrr,
        sum(reactivation_mrr) as reactivation_mrr,
        sum(contraction_mrr) as contraction_mrr,
        sum(churned_mrr) as churned_mrr
    from recent
),

step as (
    select 1 as step_number, 'Start' as step_label, 'total' as step_kind, opening_mrr as amount
    from first_month
    union all
    select 2, 'New', 'up', new_mrr from total
    union all
    select 3, 'Upgrades', 'up', expansion_mrr from total
    union all
    select 4, 'Returned', 'up', reactivation_mrr from total
    union all
    select 5, 'Downgrades', 'down', contraction_mrr from total
    union all
    select 6, 'Lost', 'down', churned_mrr from total
),

running as (
    select
        step_number,
        step_label,
        step_kind,
        amount,
        sum(amount) over (order by step_number) as level_after
    from step
    where amount is not null
),

final as (
    select
        step_number,
        step_label,
        step_kind,
        amount,
        case step_kind
            when 'total' then 0
            else least(level_after, level_after - amount)
        end as bar_start,
        abs(amount) as bar_length
    from running
    union all
    select
        7 as step_number,
        'Now' as step_label,
        'total' as step_kind,
        level_after as amount,
        0 as bar_start,
        level_after as bar_length
    from running
    where step_number = 6
)

select
    step_number,
    cast(step_label as varchar) as step_label,
    cast(step_kind as varchar) as step_kind,
    amount,
    cast(bar_start as numeric) as bar_start,
    bar_length
from final
