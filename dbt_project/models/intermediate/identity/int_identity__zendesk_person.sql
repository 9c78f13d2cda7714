{{ config(enabled=source_enabled('zendesk'), materialized='view') }}

-- Requesters, and our own agents.
with people as (
    select * from {{ ref('stg_zendesk__user') }}
    where user_id is not null
),

final as (
    select
        'zendesk' as source,
        'user' as person_object,
        user_id as person_id,
        case when organization_id is not null then 'organization' end as account_source_object,
        organization_id as account_source_id,
        email,
        coalesce(role, 'end-user') != 'end-user' as is_internal
    from people
)

select * from final
