-- Every price that runs has one next renewal, or none where no term is known.
with renewals as (
    select
        account_id,
        sum(mrr) as mrr
    from {{ ref('ftr_account_renewal') }}
    group by account_id
),

without_term as (
    select
        account_id,
        sum(mrr) as mrr
    from {{ ref('int_account__running_term') }}
    where is_paid and term_ends_on is null
    group by account_id
)

select
    contracts.account_id,
    contracts.mrr,
    renewals.mrr as renewing_mrr,
    without_term.mrr as other_mrr
from {{ ref('ftr_account_contract') }} as contracts
left outer join renewals on contracts.account_id = renewals.account_id
left outer join without_term on contracts.account_id = without_term.account_id
where contracts.mrr <> coalesce(renewals.mrr, 0) + coalesce(without_term.mrr, 0)
