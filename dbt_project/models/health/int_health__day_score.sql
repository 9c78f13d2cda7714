{{ config(materialized='view') }}

-- The rule score of each customer on each day with value and contribution of each measure, and the
-- score that somebody set by hand for that day, if there is one.
with raw_measure as (
    select * from {{ ref('int_health__raw_measure') }}
),

scored as (
    {{ health_score_of('raw_measure') }}
),

overrides as (
    select * from {{ ref('int_health__override') }}
),

final as (
    select
        scored.*,
        overrides.override_id,
        overrides.health_score as override_score
    from scored
    left outer join overrides
        on
            scored.account_id = overrides.account_id
            and scored.as_of_date >= overrides.valid_from_date
            and scored.as_of_date < overrides.valid_to_date
)

select * from final
