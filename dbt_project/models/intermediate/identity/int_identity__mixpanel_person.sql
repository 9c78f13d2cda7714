{{ config(enabled=source_enabled('mixpanel'), materialized='view') }}

with people as (
    select * from {{ ref('stg_mixpanel__user') }}
    where distinct_id is not null
),

final as (
    select
        'mixpanel' as source,
        'user' as person_object,
        distinct_id as person_id,
        case when company_id is not null then 'company' end as account_source_object,
        company_id as account_source_id,
        email,
        false as is_internal
    from people
)

select * from final
