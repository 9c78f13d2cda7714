-- The seed and the macro health_measures name the same measures, and every curve has a slope.
with known as (
    {% for measure in health_measures() -%}
        select '{{ measure }}' as measure
        {% if not loop.last -%} union all {% endif %}
    {% endfor %}
)

select
    known.measure as in_macro,
    seed.measure as in_seed
from {{ ref('health_measure') }} as seed
full outer join known on seed.measure = known.measure
where known.measure is null or seed.measure is null or seed.worst = seed.best or seed.weight < 0
