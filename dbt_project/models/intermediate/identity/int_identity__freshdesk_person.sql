{{ config(enabled=source_enabled('freshdesk'), materialized='view') }}

-- Contacts, and our own agents.
with contacts as (
    select * from {{ ref('stg_freshdesk__contact') }}
),

companies as (
    select company_id from {{ ref('stg_freshdesk__company') }}
),

final as (
    select
        'freshdesk' as source,
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
        'freshdesk' as source,
        'agent' as person_object,
        agent_id as person_id,
        cast(null as {{ data_type('text') }}) as account_source_object,
        cast(null as {{ data_type('text') }}) as account_source_id,
        email,
        true as is_internal
    from {{ ref('stg_freshdesk__agent') }}
)

select * from final
