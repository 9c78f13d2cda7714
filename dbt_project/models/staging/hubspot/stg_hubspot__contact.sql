with source as (
    {{ read_raw("hubspot", "contacts", {
        "id": "text",
        "archived": "boolean",
        "createdAt": "timestamp",
        "updatedAt": "timestamp",
        "companies": "json",
        "properties_associatedcompanyid": "text",
        "properties_firstname": "text",
        "properties_lastname": "text",
        "properties_email": "text",
        "properties_jobtitle": "text",
        "properties_contact_role": "text",
        "properties_hs_buying_role": "text",
        "properties_hs_email_hard_bounce_reason_enum": "text",
    }) }}
),

final as (
    select
        id as contact_id,
        coalesce(
            nullif(properties_associatedcompanyid, ''), {{ json_path_text('companies', ['0']) }}
        ) as company_id,
        nullif(concat_ws(' ', properties_firstname, properties_lastname), '') as full_name,
        lower(nullif(trim(properties_email), '')) as email,
        nullif(properties_jobtitle, '') as title,
        lower(coalesce(nullif(properties_contact_role, ''), nullif(properties_hs_buying_role, '')))
            as role,
        nullif(properties_hs_email_hard_bounce_reason_enum, '') is not null as is_bouncing,
        "createdAt" as created_at,
        case when coalesce(archived, false) then "updatedAt" end as deleted_at
    from source
)

select * from final
