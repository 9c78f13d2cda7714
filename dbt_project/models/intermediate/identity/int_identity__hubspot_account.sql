{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

-- A company that was merged away is gone from HubSpot; the one it was merged into names it.
with companies as (
    select * from {{ ref('stg_hubspot__company') }}
),

merged as (
    select
        trim(part.merged_id) as company_id,
        max(companies.company_id) as survivor_id
    from companies
    cross join {{ text_parts('companies.merged_company_ids', ';', 'part', 'merged_id') }}
    where trim(part.merged_id) not in ('', companies.company_id)
    group by trim(part.merged_id)
),

records as (
    select
        company_id,
        company_name,
        domain,
        parent_company_id,
        created_at,
        deleted_at
    from companies
    union all
    select
        merged.company_id,
        cast(null as {{ data_type('text') }}) as company_name,
        cast(null as {{ data_type('text') }}) as domain,
        cast(null as {{ data_type('text') }}) as parent_company_id,
        cast(null as {{ data_type('timestamp') }}) as created_at,
        cast(null as {{ data_type('timestamp') }}) as deleted_at
    from merged
    left outer join companies
        on merged.company_id = companies.company_id
    where companies.company_id is null
),

final as (
    select
        'hubspot' as source,
        'company' as source_object,
        records.company_id as source_id,
        records.company_name as account_name,
        records.domain,
        case when merged.survivor_id is not null then 'hubspot' end as explicit_source,
        case when merged.survivor_id is not null then 'company' end as explicit_object,
        merged.survivor_id as explicit_id,
        records.parent_company_id as parent_source_id,
        records.created_at,
        records.deleted_at
    from records
    left outer join merged
        on records.company_id = merged.company_id
)

select * from final
