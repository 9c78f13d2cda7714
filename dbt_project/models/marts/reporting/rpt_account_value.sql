-- How long each paying account should stay, and what that is worth.
with worth as (
    select * from {{ source('ml', 'account_value') }}
    where is_published and as_of_date = {{ as_of() }}
),

account as (
    select * from {{ ref('rpt_account') }}
),

final as (
    select
        worth.account_id,
        account.account_name,
        account.account_url,
        account.csm_key,
        account.csm_name,
        account.segment,
        worth.tenure_months,
        cast(worth.mrr as numeric) as mrr,
        worth.expected_months,
        worth.months_low,
        worth.months_high,
        cast(worth.lifetime_value as numeric) as lifetime_value,
        cast(worth.value_low as numeric) as value_low,
        cast(worth.value_high as numeric) as value_high,
        worth.horizon_months,
        worth.discount_rate,
        worth.chains_ended,
        cast(worth.basis as varchar) as basis,
        cast({{ value_basis_label('worth.basis') }} as varchar) as basis_label,
        cast(worth.churn_basis as varchar) as churn_basis
    from worth
    inner join account on worth.account_id = account.account_id
    where account.is_active
)

select * from final
