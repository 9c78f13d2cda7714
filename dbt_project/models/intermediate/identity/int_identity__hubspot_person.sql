{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

with contacts as (
    select * from {{ ref('stg_hubspot__contact') }}
    where deleted_at is null
),

final as (
    select
        'hubspot' as source,
        'contact' as person_object,
        contact_id as person_id,
        case when company_id is not null then 'company' end as account_source_object,
        company_id as account_source_id,
        email,
        false as is_internal
    from contacts
)

select * from final
