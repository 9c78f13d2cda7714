-- The parts of each health score on the grid dates (every Monday, and the run's date).
with day_score as (
    select * from {{ ref('int_health__day_score') }}
    where {{ is_monday('as_of_date') }} or as_of_date = {{ as_of() }}
),

measures as (
    select * from {{ ref('health_measure') }}
),

unpivoted as (
    {% for measure in health_measures() -%}
        select
            account_id,
            as_of_date,
            '{{ measure }}' as measure,
            {{ measure }}_raw as raw_value,
            {{ measure }}_value as value,
            round({{ measure }}_weight / nullif(weight_known, 0), 8) as weight,
            {{ measure }}_contribution as contribution
        from day_score
        where {{ measure }}_value is not null
        {% if not loop.last -%} union all {% endif %}
    {% endfor %}
),

final as (
    select
        unpivoted.account_id,
        unpivoted.as_of_date,
        unpivoted.measure,
        measures.measure_group,
        unpivoted.value,
        unpivoted.raw_value,
        unpivoted.weight,
        unpivoted.contribution,
        {{ health_reason('unpivoted.measure', 'unpivoted.raw_value') }} as reason
    from unpivoted
    inner join measures on unpivoted.measure = measures.measure
)

select * from final
