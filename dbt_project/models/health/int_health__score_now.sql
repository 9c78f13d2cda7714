{{ config(materialized='view') }}

-- The rule score on the run's date, made anew whenever it is read: for one account within
-- milliseconds, since its place among the others is told by the night's int_health__reference.
with raw_measure as (
    {{ health_raw_measures('quantity.as_of_date = ' ~ as_of()) }}
),

final as (
    {{ health_score_of('raw_measure') }}
)

select * from final
