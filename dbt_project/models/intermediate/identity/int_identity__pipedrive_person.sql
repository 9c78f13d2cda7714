{{ config(enabled=source_enabled('pipedrive'), materialized='view') }}

with people as (
    select * from {{ ref('stg_pipedrive__person') }}
    where deleted_at is null
),

final as (
    select
        'pipedrive' as source,
        'person' as person_object,
        person_id,
        case when organization_id is not null then 'organization' end as account_source_object,
        organization_id as account_source_id,
        email,
        false as is_internal
    from people
)

select * from final
