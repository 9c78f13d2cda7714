-- The reasons that weigh on the customers at risk, by the revenue they touch.
with account as (
    select
        account_id,
        arr
    from {{ ref('rpt_account') }}
    where is_at_risk
),

reason as (
    select
        account_id,
        reason_label
    from {{ ref('rpt_account_reason') }}
    where direction = 'raises' and reason_rank <= 3
    group by account_id, reason_label
),

final as (
    select
        reason.reason_label,
        count(*) as customers,
        sum(account.arr) as arr
    from account
    inner join reason on account.account_id = reason.account_id
    group by reason.reason_label
)

select * from final
