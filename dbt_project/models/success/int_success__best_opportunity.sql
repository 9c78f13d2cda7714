-- Of the published opportunities that stand out, each account's with the most expected revenue at
-- the run's date; its product by today's name.
with scores as (
    select * from {{ source('ml', 'opportunity_score') }}
    where is_published and stands_out and as_of_date = {{ as_of() }}
),

ranked as (
    select
        account_id,
        kind,
        product,
        propensity,
        expected_arr,
        evidence,
        reasons,
        basis,
        row_number() over (
            partition by account_id
            order by expected_arr desc, propensity desc, kind asc, product asc
        ) as place
    from scores
),

product_names as (
    select * from {{ ref('int_revenue__product_name') }}
),

final as (
    select
        ranked.account_id,
        ranked.kind,
        coalesce(product_names.product_name, ranked.product) as product,
        ranked.propensity,
        ranked.expected_arr,
        coalesce(ranked.evidence, {{ first_reason('ranked.reasons') }}) as reason,
        ranked.basis
    from ranked
    left outer join product_names on ranked.product = product_names.product
    where ranked.place = 1
)

select * from final
