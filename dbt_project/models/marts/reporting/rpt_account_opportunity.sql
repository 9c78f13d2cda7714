with score as (
    select * from {{ source('ml', 'opportunity_score') }}
),

account as (
    select * from {{ ref('rpt_account') }}
),

product_names as (
    select * from {{ ref('int_revenue__product_name') }}
),

final as (
    select
        score.account_id || '-' || score.kind || '-' || score.product as account_opportunity_id,
        score.account_id,
        account.account_name,
        account.account_url,
        account.csm_key,
        cast(
            case score.kind
                when 'upsell' then 'More of what they have'
                else 'A further product'
            end as varchar
        ) as kind_label,
        cast({{ sentence_case('coalesce(product_names.product_name, score.product)') }} as varchar)
            as product,
        score.propensity,
        cast(score.expected_arr as numeric) as expected_arr,
        cast(coalesce(score.evidence, {{ first_reason('score.reasons') }}) as varchar)
            as reason_text,
        cast(score.basis as varchar) as basis
    from score
    inner join account on score.account_id = account.account_id
    left outer join product_names on score.product = product_names.product
    where
        score.is_published
        and score.stands_out
        and score.as_of_date = {{ as_of() }}
        and account.is_active
)

select * from final
