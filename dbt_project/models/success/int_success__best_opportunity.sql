-- The published opportunity of each account with the most expected revenue at the run's date.
with scores as (
    select * from {{ source('ml', 'opportunity_score') }}
    where is_published and as_of_date = {{ as_of() }}
),

ranked as (
    select
        account_id,
        kind,
        product,
        propensity,
        expected_arr,
        reasons,
        basis,
        row_number() over (
            partition by account_id
            order by expected_arr desc, propensity desc, kind asc, product asc
        ) as place
    from scores
),

final as (
    select
        account_id,
        kind,
        product,
        propensity,
        expected_arr,
        reasons,
        basis
    from ranked
    where place = 1
)

select * from final
