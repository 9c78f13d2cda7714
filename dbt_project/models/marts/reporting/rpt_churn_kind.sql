-- What was lost in the last twelve months, by how it was lost.
with churn as (
    select * from {{ ref('fct_churn') }}
    where lost_date > cast({{ dbt.dateadd('month', -12, as_of()) }} as date)
),

final as (
    select
        cast(kind as varchar) as kind,
        cast(
            case kind
                when 'voluntary' then 'Left by their own decision'
                when 'involuntary' then 'Left unpaid bills'
                else 'Stayed and pay less'
            end as varchar
        ) as kind_label,
        count(distinct account_id) as customers,
        sum(lost_mrr) * 12 as lost_arr
    from churn
    group by kind
)

select * from final
