{{ config(enabled=source_enabled('zendesk'), materialized='view') }}

-- Organisations, and the people without one: their e-mail domain may still tell the account.
with organizations as (
    select * from {{ ref('stg_zendesk__organization') }}
),

users as (
    select * from {{ ref('stg_zendesk__user') }}
    where organization_id is null and coalesce(role, 'end-user') = 'end-user'
),

final as (
    select
        'zendesk' as source,
        'organization' as source_object,
        organization_id as source_id,
        organization_name as account_name,
        domain,
        cast(null as {{ data_type('text') }}) as explicit_source,
        cast(null as {{ data_type('text') }}) as explicit_object,
        external_id as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        created_at,
        deleted_at
    from organizations
    union all
    {{ identity_of_person('zendesk', 'user', 'user_id', created_at='created_at') }}
    from users
)

select * from final
