with source as (
    {{ read_raw("salesforce", "Account", {
        "Id": "text",
        "IsDeleted": "boolean",
        "Name": "text",
        "Type": "text",
        "ParentId": "text",
        "MasterRecordId": "text",
        "BillingCountry": "text",
        "Website": "text",
        "Industry": "text",
        "Segment__c": "text",
        "OwnerId": "text",
        "CSM_Pulse__c": "text",
        "CSM_Pulse_Date__c": "date",
        "Copilot_Feedback__c": "text",
        "Copilot_Override_Score__c": "number",
        "Copilot_Override_Reason__c": "text",
        "Copilot_Override_Expires__c": "date",
        "CreatedDate": "timestamp",
        "SystemModstamp": "timestamp",
    }) }}
),

final as (
    select
        "Id" as account_id,
        nullif(trim("Name"), '') as account_name,
        "Type" as account_type,
        "ParentId" as parent_account_id,
        nullif("MasterRecordId", '') as master_account_id,
        "BillingCountry" as country,
        {{ web_domain('"Website"') }} as domain,
        "Industry" as industry,
        "Segment__c" as segment,
        "OwnerId" as owner_id,
        lower(trim("CSM_Pulse__c")) as pulse,
        "CSM_Pulse_Date__c" as pulse_on,
        nullif(lower(trim("Copilot_Feedback__c")), '') as verdict,
        "Copilot_Override_Score__c" as override_points,
        nullif(trim("Copilot_Override_Reason__c"), '') as override_reason,
        "Copilot_Override_Expires__c" as override_expires_on,
        "CreatedDate" as created_at,
        case when coalesce("IsDeleted", false) then "SystemModstamp" end as deleted_at
    from source
)

select * from final
