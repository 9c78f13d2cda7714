-- The newest fact of each kind, and how old it was on the report's date.
with latest as (
    select
        1 as fact_order,
        'Product use' as fact_label,
        max(usage_date) as last_record_date,
        count(*) as facts
    from {{ ref('fct_usage_daily') }}
    where usage_date <= {{ as_of() }}
    union all
    select
        2 as fact_order,
        'Support tickets' as fact_label,
        max(cast(created_at as date)) as last_record_date,
        count(*) as facts
    from {{ ref('fct_ticket') }}
    where cast(created_at as date) <= {{ as_of() }}
    union all
    select
        3 as fact_order,
        'Revenue changes' as fact_label,
        max(month) as last_record_date,
        count(*) as facts
    from {{ ref('fct_mrr_movement') }}
    where month <= {{ as_of() }}
        and (new_mrr <> 0 or expansion_mrr <> 0 or contraction_mrr <> 0 or churned_mrr <> 0
            or reactivation_mrr <> 0)
),

final as (
    select
        cast(fact_label as varchar) as fact_label,
        fact_order,
        last_record_date,
        facts,
        {{ dbt.datediff('last_record_date', as_of(), 'day') }} as age_days
    from latest
)

select * from final
