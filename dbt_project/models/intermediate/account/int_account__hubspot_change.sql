{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

-- What HubSpot remembers of a company's properties, oldest value first; an owner goes by the e-mail
-- address.
with owners as (
    select * from {{ ref('stg_hubspot__owner') }}
),

changes as (
    select
        history.company_id,
        case history.property_name
            when 'hubspot_owner_id' then 'owner'
            when 'segment' then 'segment'
            when 'lifecyclestage' then 'stage'
            when 'domain' then 'domain'
            when 'name' then 'name'
            when 'hs_parent_company_id' then 'parent'
        end as field,
        case
            when history.property_name = 'hubspot_owner_id' then owners.email
            else history.new_value
        end as new_value,
        history.changed_at
    from {{ ref('stg_hubspot__company_property_change') }} as history
    left outer join owners
        on history.property_name = 'hubspot_owner_id' and history.new_value = owners.owner_id
    where history.changed_at is not null
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
