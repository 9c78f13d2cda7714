-- How a quantity is distributed among the customers of a segment on a day, and among all (segment
-- ''): what a place in the segment is measured by. Made once a night, so that one account's score
-- can be made anew in between without looking at the others.
{% set ranked = health_ranked_quantities() %}

with quantity as (
    select * from {{ ref('int_health__quantity') }}
    where is_customer and {{ 'true' if ranked else 'false' }}
),

segments as (
    select * from {{ ref('int_health__segment') }}
),

customers as (
    select
        quantity.*,
        segments.segment
    from quantity
    left outer join segments
        on
            quantity.account_id = segments.account_id
            and quantity.as_of_date >= segments.valid_from_date
            and quantity.as_of_date < segments.valid_to_date
),

placed as (
    {% for name in ranked or ['payment'] -%}
        select
            as_of_date,
            segment,
            '{{ name }}' as quantity,
            {{ name }} as amount
        from customers
        where {{ name }} is not null
        {% if not loop.last -%} union all {% endif %}
    {% endfor %}
),

counted as (
    select
        as_of_date,
        coalesce(segment, '') as segment,
        quantity,
        count(*) as customers,
        {{ distribution_points('amount') }} as points
    from placed
    where segment is not null
    group by as_of_date, coalesce(segment, ''), quantity
    having count(*) >= 20
    union all
    select
        as_of_date,
        '' as segment,
        quantity,
        count(*) as customers,
        {{ distribution_points('amount') }} as points
    from placed
    group by as_of_date, quantity
),

final as (
    select
        as_of_date,
        segment,
        quantity,
        customers,
        points
    from counted
)

select * from final
