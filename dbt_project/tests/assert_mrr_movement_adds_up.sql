-- A reader adds up the columns of a row and expects the closing MRR, and expects each month to open
-- where the one before closed. Losses are negative, gains are not.
with movement as (
    select
        *,
        lag(closing_mrr) over (partition by account_id order by month) as previous_closing_mrr,
        lag(month) over (partition by account_id order by month) as previous_month
    from {{ ref('fct_mrr_movement') }}
)

select *
from movement
where
    opening_mrr + new_mrr + expansion_mrr + contraction_mrr + churned_mrr + reactivation_mrr
    <> closing_mrr
    or opening_mrr <> coalesce(previous_closing_mrr, 0)
    or cast({{ dbt.dateadd('month', 1, 'previous_month') }} as date) <> month
    or least(opening_mrr, new_mrr, expansion_mrr, reactivation_mrr, closing_mrr) < 0
    or greatest(contraction_mrr, churned_mrr) > 0
