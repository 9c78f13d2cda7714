with source as (
    {{ read_raw("salesforce", "AccountHistory", {
        "Id": "text",
        "IsDeleted": "boolean",
        "AccountId": "text",
        "CreatedDate": "timestamp",
        "Field": "text",
        "DataType": "text",
        "OldValue": "text",
        "NewValue": "text",
    }) }}
),

final as (
    select
        "Id" as account_change_id,
        "AccountId" as account_id,
        "Field" as field,
        "DataType" as data_type,
        nullif("OldValue", '') as old_value,
        nullif("NewValue", '') as new_value,
        "CreatedDate" as changed_at
    from source
    where not coalesce("IsDeleted", false)
)

select * from final
