{{ config(enabled=source_enabled('intercom'), materialized='view') }}

-- Contacts, and our own teammates. Who is in several companies belongs to none of them.
with contacts as (
    select
        contact_id,
        email,
        case when second_company_id is null then first_company_id end as company_id
    from {{ ref('stg_intercom__contact') }}
),

final as (
    select
        'intercom' as source,
        'contact' as person_object,
        contact_id as person_id,
        case when company_id is not null then 'company' end as account_source_object,
        company_id as account_source_id,
        email,
        false as is_internal
    from contacts
    union all
    select
        'intercom' as source,
        'admin' as person_object,
        admin_id as person_id,
        cast(null as {{ data_type('text') }}) as account_source_object,
        cast(null as {{ data_type('text') }}) as account_source_id,
        email,
        true as is_internal
    from {{ ref('stg_intercom__admin') }}
)

select * from final
