{{ config(enabled=source_enabled('zendesk'), materialized='view') }}

-- Organisations, and the people without one: their e-mail domain may still tell the account.
with organizations as (
    select * from {{ ref('stg_zendesk__organization') }}
),

domains as (
    select * from {{ ref('int_identity__organization_domain') }}
    where source = 'zendesk'
),

users as (
    select * from {{ ref('stg_zendesk__user') }}
    where organization_id is null and coalesce(role, 'end-user') = 'end-user'
),

final as (
    select
        'zendesk' as source,
        'organization' as source_object,
        organizations.organization_id as source_id,
        organizations.organization_name as account_name,
        domains.domain,
        cast(null as {{ data_type('text') }}) as explicit_source,
        cast(null as {{ data_type('text') }}) as explicit_object,
        organizations.external_id as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        organizations.created_at,
        organizations.deleted_at
    from organizations
    left outer join domains
        on organizations.organization_id = domains.source_id
    union all
    {{ identity_of_person('zendesk', 'user', 'user_id', created_at='created_at') }}
    from users
)

select * from final
