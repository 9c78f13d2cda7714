with source as (
    {{ read_raw("hubspot", "companies", {
        "id": "text",
        "archived": "boolean",
        "createdAt": "timestamp",
        "updatedAt": "timestamp",
        "properties_name": "text",
        "properties_domain": "text",
        "properties_website": "text",
        "properties_industry": "text",
        "properties_country": "text",
        "properties_segment": "text",
        "properties_hubspot_owner_id": "text",
        "properties_csm_pulse": "text",
        "properties_csm_pulse_date": "text",
        "properties_copilot_feedback": "text",
        "properties_copilot_override_score": "number",
        "properties_copilot_override_reason": "text",
        "properties_copilot_override_expires": "date",
        "properties_hs_parent_company_id": "text",
        "properties_hs_merged_object_ids": "text",
    }) }}
),

final as (
    select
        id as company_id,
        nullif(trim(properties_name), '') as company_name,
        coalesce({{ web_domain('properties_domain') }}, {{ web_domain('properties_website') }})
            as domain,
        nullif(properties_industry, '') as industry,
        nullif(properties_country, '') as country,
        nullif(properties_segment, '') as segment,
        nullif(properties_hubspot_owner_id, '') as owner_id,
        lower(trim(properties_csm_pulse)) as pulse,
        cast(nullif(left(properties_csm_pulse_date, 10), '') as date) as pulse_on,
        nullif(lower(trim(properties_copilot_feedback)), '') as verdict,
        properties_copilot_override_score as override_points,
        nullif(trim(properties_copilot_override_reason), '') as override_reason,
        properties_copilot_override_expires as override_expires_on,
        nullif(properties_hs_parent_company_id, '') as parent_company_id,
        nullif(properties_hs_merged_object_ids, '') as merged_company_ids,
        "createdAt" as created_at,
        case when coalesce(archived, false) then "updatedAt" end as deleted_at
    from source
)

select * from final
