-- Archived deals are a list of their own; a deal in both was brought back or archived since, and
-- the later change counts. Their list does not tell the currency.
with living as (
    {{ read_raw("hubspot", "deals", {
        "id": "text",
        "createdAt": "timestamp",
        "updatedAt": "timestamp",
        "companies": "json",
        "properties_dealname": "text",
        "properties_dealtype": "text",
        "properties_dealstage": "text",
        "properties_pipeline": "text",
        "properties_amount": "text",
        "properties_closedate": "timestamp",
        "properties_hubspot_owner_id": "text",
        "properties_deal_currency_code": "text",
    }) }}
),

archived as (
    {{ read_raw("hubspot", "deals_archived", {
        "id": "text",
        "createdAt": "timestamp",
        "updatedAt": "timestamp",
        "companies": "json",
        "properties_dealname": "text",
        "properties_dealtype": "text",
        "properties_dealstage": "text",
        "properties_pipeline": "text",
        "properties_amount": "text",
        "properties_closedate": "timestamp",
        "properties_hubspot_owner_id": "text",
    }) }}
),

listed as (
    select
        id,
        "createdAt",
        "updatedAt",
        companies,
        properties_dealname,
        properties_dealtype,
        properties_dealstage,
        properties_pipeline,
        properties_amount,
        properties_closedate,
        properties_hubspot_owner_id,
        properties_deal_currency_code as currency,
        false as is_archived
    from living
    union all
    select
        id,
        "createdAt",
        "updatedAt",
        companies,
        properties_dealname,
        properties_dealtype,
        properties_dealstage,
        properties_pipeline,
        properties_amount,
        properties_closedate,
        properties_hubspot_owner_id,
        cast(null as {{ data_type('text') }}) as currency,
        true as is_archived
    from archived
),

ranked as (
    select
        listed.*,
        row_number() over (
            partition by listed.id
            order by listed."updatedAt" desc nulls last, listed.is_archived desc
        ) as recency
    from listed
),

final as (
    select
        id as deal_id,
        {{ json_path_text('companies', ['0']) }} as company_id,
        properties_dealname as deal_name,
        properties_dealtype as deal_type,
        properties_dealstage as stage_id,
        properties_pipeline as pipeline_id,
        {{ safe_number('properties_amount') }} as amount,
        upper(nullif(currency, '')) as currency,
        {{ date_in_reporting_tz('properties_closedate') }} as close_date,
        nullif(properties_hubspot_owner_id, '') as owner_id,
        "createdAt" as created_at,
        case when is_archived then "updatedAt" end as deleted_at
    from ranked
    where recency = 1
)

select * from final
