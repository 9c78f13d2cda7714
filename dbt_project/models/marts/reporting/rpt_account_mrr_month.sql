with movement as (
    select * from {{ ref('fct_mrr_movement') }}
),

final as (
    select
        account_id || '-' || cast(month as varchar) as account_month_id,
        account_id,
        month,
        closing_mrr,
        closing_mrr - opening_mrr as mrr_change
    from movement
    where month <= {{ as_of() }}
)

select * from final
