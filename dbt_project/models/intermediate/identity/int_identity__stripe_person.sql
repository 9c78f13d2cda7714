{{ config(enabled=source_enabled('stripe'), materialized='view') }}

with people as (
    select * from {{ ref('stg_stripe__customer') }}
    where deleted_at is null
),

final as (
    select
        'stripe' as source,
        'billing contact' as person_object,
        customer_id as person_id,
        case when customer_id is not null then 'customer' end as account_source_object,
        customer_id as account_source_id,
        email,
        false as is_internal
    from people
)

select * from final
