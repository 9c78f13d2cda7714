{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

-- What HubSpot remembers of a company's properties, oldest value first.
with changes as (
    select
        company_id,
        case property_name
            when 'hubspot_owner_id' then 'owner'
            when 'segment' then 'segment'
            when 'lifecyclestage' then 'stage'
            when 'domain' then 'domain'
            when 'name' then 'name'
            when 'hs_parent_company_id' then 'parent'
        end as field,
        new_value,
        changed_at
    from {{ ref('stg_hubspot__company_property_change') }}
    where changed_at is not null
),

final as (
    select
        'hubspot' as source,
        'company' as source_object,
        company_id as source_id,
        field,
        lag(new_value) over (
            partition by company_id, field
            order by changed_at
        ) as old_value,
        new_value,
        changed_at
    from changes
    where field is not null
)

select * from final
