-- The parts of each health score on the grid dates (every Monday, and the run's date). Where
-- somebody set the score by hand, that is its only part.
{% set measures = health_measures() %}

with day_score as (
    select * from {{ ref('int_health__day_score') }}
    where {{ is_monday('as_of_date') }} or as_of_date = {{ as_of() }}
),

overrides as (
    select * from {{ ref('int_health__override') }}
),

unpivoted as (
    {% for name, measure in measures.items() -%}
        select
            account_id,
            as_of_date,
            '{{ name }}' as measure,
            '{{ measure.group }}' as measure_group,
            {{ name }}_value as value,
            {{ name }}_raw as raw_value,
            round({{ name }}_weight / nullif(weight_known, 0), 8) as weight,
            {{ name }}_contribution as contribution,
            {{ health_reason(measure, name ~ '_raw') }} as reason
        from day_score
        where override_id is null and {{ name }}_contribution is not null
        union all
    {% endfor -%}
    select
        day_score.account_id,
        day_score.as_of_date,
        'override' as measure,
        'override' as measure_group,
        overrides.health_score as value,
        overrides.health_score as raw_value,
        1 as weight,
        overrides.health_score as contribution,
        'Set by hand until ' || cast(overrides.valid_to_date as {{ dbt.type_string() }})
        || ': ' || overrides.reason as reason
    from day_score
    inner join overrides on day_score.override_id = overrides.override_id
),

final as (
    select
        account_id,
        as_of_date,
        measure,
        measure_group,
        value,
        raw_value,
        weight,
        contribution,
        reason
    from unpivoted
)

select * from final
