with health as (
    select * from {{ ref('fct_account_health') }}
    where
        as_of_date <= {{ as_of() }}
        and as_of_date > cast({{ dbt.dateadd('month', -12, as_of()) }} as date)
        and ({{ is_monday('as_of_date') }} or as_of_date = {{ as_of() }})
),

final as (
    select
        account_id || '-' || cast(as_of_date as varchar) as account_week_id,
        account_id,
        as_of_date,
        round(health_score * 100, 1) as health_points,
        cast({{ band_label('health_band') }} as varchar) as band_label
    from health
)

select * from final
