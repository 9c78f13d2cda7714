{{ config(enabled=source_enabled('pipedrive'), materialized='view') }}

-- Pipedrive has neither titles nor roles of people.
with people as (
    select * from {{ ref('stg_pipedrive__person') }}
),

final as (
    select
        'pipedrive' as source,
        person_id as contact_source_id,
        'organization' as account_source_object,
        organization_id as account_source_id,
        full_name,
        email,
        cast(null as {{ data_type('text') }}) as role,
        cast(null as {{ data_type('text') }}) as title,
        false as is_champion,
        created_at,
        deleted_at,
        cast(null as {{ data_type('timestamp') }}) as bounced_at
    from people
)

select * from final
