with source as (
    {{ read_raw("salesforce", "Contact", {
        "Id": "text",
        "IsDeleted": "boolean",
        "AccountId": "text",
        "Name": "text",
        "FirstName": "text",
        "LastName": "text",
        "Email": "text",
        "Title": "text",
        "Contact_Role__c": "text",
        "EmailBouncedDate": "timestamp",
        "CreatedDate": "timestamp",
        "SystemModstamp": "timestamp",
    }) }}
),

final as (
    select
        "Id" as contact_id,
        "AccountId" as account_id,
        coalesce("Name", nullif(concat_ws(' ', "FirstName", "LastName"), '')) as full_name,
        lower(trim("Email")) as email,
        "Title" as title,
        lower("Contact_Role__c") as role,
        "CreatedDate" as created_at,
        case when coalesce("IsDeleted", false) then "SystemModstamp" end as deleted_at,
        "EmailBouncedDate" as bounced_at
    from source
)

select * from final
