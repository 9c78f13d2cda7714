{{ config(enabled=source_enabled('pipedrive'), materialized='view') }}

-- Pipedrive keeps no web address: the domain is that of most of the organisation's people, if no
-- other has as many. The owner of an organisation is its customer success manager.
with organizations as (
    select * from {{ ref('stg_pipedrive__organization') }}
),

owners as (
    select * from {{ ref('stg_pipedrive__user') }}
),

domains as (
    select
        organization_id,
        {{ email_domain('email') }} as domain,
        count(*) as people
    from {{ ref('stg_pipedrive__person') }}
    where organization_id is not null and email is not null and deleted_at is null
    group by organization_id, {{ email_domain('email') }}
),

ranked as (
    select
        domains.organization_id,
        domains.domain,
        rank() over (partition by domains.organization_id order by domains.people desc) as place,
        count(*) over (partition by domains.organization_id, domains.people) as with_as_many
    from domains
    left outer join {{ ref('free_mail_domain') }} as free_mail_domain
        on domains.domain = free_mail_domain.domain
    where free_mail_domain.domain is null
),

final as (
    select
        'pipedrive' as source,
        'organization' as source_object,
        organizations.organization_id as source_id,
        organizations.organization_name as account_name,
        ranked.domain,
        cast(null as {{ data_type('text') }}) as segment,
        cast(null as {{ data_type('text') }}) as industry,
        organizations.country,
        owners.full_name as csm_name,
        owners.email as csm_email,
        organizations.owner_id,
        organizations.created_at,
        organizations.deleted_at
    from organizations
    left outer join owners
        on organizations.owner_id = owners.user_id
    left outer join ranked
        on
            organizations.organization_id = ranked.organization_id
            and ranked.place = 1
            and ranked.with_as_many = 1
)

select * from final
