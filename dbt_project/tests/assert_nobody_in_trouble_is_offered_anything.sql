-- A row for each published offer to a customer that is in trouble, or of whom nothing is known.
with offers as (
    select * from {{ ref('int_success__best_opportunity') }}
),

scores as (
    select * from {{ ref('int_success__latest_score') }}
),

untroubled as (
    select
        account_id,
        risk_tier
    from {{ ref('fct_account_health_trouble') }}
    where trouble is null
)

select
    offers.account_id,
    offers.kind,
    offers.product
from offers
left outer join scores on offers.account_id = scores.account_id
left outer join untroubled
    on
        offers.account_id = untroubled.account_id
        and coalesce(scores.risk_tier, 'none') = untroubled.risk_tier
where untroubled.account_id is null
