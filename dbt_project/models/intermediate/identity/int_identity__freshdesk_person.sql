{{ config(enabled=source_enabled('freshdesk'), materialized='view') }}

-- Contacts, and our own agents.
with contacts as (
    select * from {{ ref('stg_freshdesk__contact') }}
),

final as (
    select
        'freshdesk' as source,
        'contact' as person_object,
        contact_id as person_id,
        case when company_id is not null then 'company' end as account_source_object,
        company_id as account_source_id,
        email,
        false as is_internal
    from contacts
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
