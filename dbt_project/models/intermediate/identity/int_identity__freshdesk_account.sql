{{ config(enabled=source_enabled('freshdesk'), materialized='view') }}

-- Companies, and the people without one: their e-mail domain may still tell the
-- account.
with companies as (
    select * from {{ ref('stg_freshdesk__company') }}
),

domains as (
    select * from {{ ref('int_identity__organization_domain') }}
    where source = 'freshdesk'
),

people as (
    select * from {{ ref('stg_freshdesk__contact') }}
    where company_id is null
),

final as (
    select
        'freshdesk' as source,
        'company' as source_object,
        companies.company_id as source_id,
        companies.company_name as account_name,
        domains.domain,
        cast(null as {{ data_type('text') }}) as explicit_source,
        cast(null as {{ data_type('text') }}) as explicit_object,
        companies.external_id as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        companies.created_at,
        cast(null as {{ data_type('timestamp') }}) as deleted_at
    from companies
    left outer join domains
        on companies.company_id = domains.source_id
    union all
    {{ identity_of_person('freshdesk', 'contact', 'contact_id', created_at='created_at') }}
    from people
)

select * from final
