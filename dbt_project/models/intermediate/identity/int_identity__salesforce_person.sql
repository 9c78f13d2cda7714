{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

with people as (
    select * from {{ ref('stg_salesforce__contact') }}
    where deleted_at is null
),

final as (
    select
        'salesforce' as source,
        'Contact' as person_object,
        contact_id as person_id,
        case when account_id is not null then 'Account' end as account_source_object,
        account_id as account_source_id,
        email,
        false as is_internal
    from people
)

select * from final
