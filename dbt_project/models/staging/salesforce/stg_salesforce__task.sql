with source as (
    {{ read_raw("salesforce", "Task", {
        "Id": "text",
        "IsDeleted": "boolean",
        "AccountId": "text",
        "Subject": "text",
        "Status": "text",
        "IsClosed": "boolean",
        "Type": "text",
        "TaskSubtype": "text",
        "ActivityDate": "date",
        "CompletedDateTime": "timestamp",
        "OwnerId": "text",
        "CreatedDate": "timestamp",
        "SystemModstamp": "timestamp",
    }) }}
),

final as (
    select
        "Id" as task_id,
        "AccountId" as account_id,
        "Subject" as subject,
        coalesce("IsClosed", "Status" = 'Completed', false) as is_closed,
        lower("Type") as task_type,
        lower("TaskSubtype") as task_subtype,
        "ActivityDate" as activity_date,
        "CompletedDateTime" as completed_at,
        "OwnerId" as owner_id,
        lower("Status") as status,
        "SystemModstamp" as modified_at,
        "CreatedDate" as created_at,
        case when coalesce("IsDeleted", false) then "SystemModstamp" end as deleted_at
    from source
)

select * from final
