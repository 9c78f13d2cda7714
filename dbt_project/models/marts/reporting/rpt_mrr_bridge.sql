-- The last twelve months of MRR movements as the steps of a waterfall.
{% set movements = [
    ('New', 'new_mrr'), ('Upgrades', 'expansion_mrr'), ('Returned', 'reactivation_mrr'),
    ('Downgrades', 'contraction_mrr'), ('Lost', 'churned_mrr'),
] %}
with recent as (
    select
        *,
        row_number() over (order by month) as month_number
    from {{ ref('rpt_mrr_month') }}
    where month > cast({{ dbt.dateadd('month', -12, as_of()) }} as date)
),

step as (
    select
        1 as step_number,
        'Start' as step_label,
        opening_mrr as amount
    from recent
    where month_number = 1
    {% for label, column in movements -%}
        union all
        select
            {{ loop.index + 1 }} as step_number,
            '{{ label }}' as step_label,
            sum({{ column }}) as amount
        from recent
        having count(*) > 0
    {% endfor %}
),

running as (
    select
        step_number,
        step_label,
        amount,
        sum(amount) over (order by step_number) as level_after
    from step
),

final as (
    select
        step_number,
        cast(step_label as varchar) as step_label,
        cast(
            case
                when step_number = 1 then 'total'
                when amount < 0 then 'down'
                else 'up'
            end as varchar
        ) as step_kind,
        amount,
        case
            when step_number = 1 then cast(0 as numeric)
            else least(level_after, level_after - amount)
        end as bar_start,
        abs(amount) as bar_length
    from running
    union all
    select
        {{ movements | length + 2 }} as step_number,
        cast('Now' as varchar) as step_label,
        cast('total' as varchar) as step_kind,
        level_after as amount,
        cast(0 as numeric) as bar_start,
        level_after as bar_length
    from running
    where step_number = {{ movements | length + 1 }}
)

select * from final
