{{ config(enabled=source_enabled('app'), materialized='view') }}

with people as (
    select * from {{ ref('stg_app__user') }}
    where user_id is not null
),

final as (
    select
        'app' as source,
        'user' as person_object,
        user_id as person_id,
        case when account_id is not null then 'account' end as account_source_object,
        account_id as account_source_id,
        email,
        false as is_internal
    from people
)

select * from final
