-- Today's health score of each account taken apart: the points add up to the score.
with measure as (
    select * from {{ ref('fct_account_health_measure') }}
    where as_of_date = {{ as_of() }}
),

final as (
    select
        account_id || '-' || measure as account_measure_id,
        account_id,
        cast(measure as varchar) as measure,
        cast({{ measure_label('measure') }} as varchar) as measure_label,
        cast(measure_group as varchar) as measure_group,
        value as measure_value,
        raw_value,
        round(contribution * 100, 1) as points,
        round(weight * 100, 1) as most_points,
        cast(reason as varchar) as reason_text
    from measure
)

select * from final
