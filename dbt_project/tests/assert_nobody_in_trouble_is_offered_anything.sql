-- A row for each published offer to a customer that is in trouble, or of whom nothing is known.
with offers as (
    select * from {{ ref('rpt_account_opportunity') }}
),

untroubled as (
    select account_id
    from {{ ref('int_success__trouble') }}
    where trouble is null
)

select
    offers.account_id,
    offers.account_opportunity_id
from offers
left outer join untroubled on offers.account_id = untroubled.account_id
where untroubled.account_id is null
