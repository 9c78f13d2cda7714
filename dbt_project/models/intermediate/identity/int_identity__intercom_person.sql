{{ config(enabled=source_enabled('intercom'), materialized='view') }}

-- Contacts, and our own teammates. Who is in several companies belongs to none of them.
with contacts as (
    select
        contact_id,
        email,
        case when second_company_id is null then first_company_id end as company_id
    from {{ ref('stg_intercom__contact') }}
),

companies as (
    select company_id from {{ ref('stg_intercom__company') }}
),

final as (
    select
        'intercom' as source,
        'contact' as person_object,
        contacts.contact_id as person_id,
        case when companies.company_id is not null then 'company' end as account_source_object,
        companies.company_id as account_source_id,
        contacts.email,
        false as is_internal
    from contacts
    left outer join companies
        on contacts.company_id = companies.company_id
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
