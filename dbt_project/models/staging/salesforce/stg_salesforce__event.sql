with source as (
    {{ read_raw("salesforce", "Event", {
        "Id": "text",
        "IsDeleted": "boolean",
        "AccountId": "text",
        "Subject": "text",
        "StartDateTime": "timestamp",
        "ActivityDateTime": "timestamp",
        "ActivityDate": "date",
        "OwnerId": "text",
        "CreatedDate": "timestamp",
        "SystemModstamp": "timestamp",
    }) }}
),

final as (
    select
        "Id" as event_id,
        "AccountId" as account_id,
        "Subject" as subject,
        coalesce("StartDateTime", "ActivityDateTime") as started_at,
        "ActivityDate" as activity_date,
        "OwnerId" as owner_id,
        "CreatedDate" as created_at,
        case when coalesce("IsDeleted", false) then "SystemModstamp" end as deleted_at
    from source
)

select * from final
