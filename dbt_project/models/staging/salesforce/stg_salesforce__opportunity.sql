with source as (
    {{ read_raw("salesforce", "Opportunity", {
        "Id": "text",
        "IsDeleted": "boolean",
        "AccountId": "text",
        "Name": "text",
        "StageName": "text",
        "Type": "text",
        "Amount": "number",
        "CurrencyIsoCode": "text",
        "CloseDate": "date",
        "IsClosed": "boolean",
        "IsWon": "boolean",
        "OwnerId": "text",
        "CreatedDate": "timestamp",
        "SystemModstamp": "timestamp",
    }) }}
),

final as (
    select
        "Id" as opportunity_id,
        "AccountId" as account_id,
        "Name" as opportunity_name,
        "StageName" as stage,
        "Type" as opportunity_type,
        "Amount" as amount,
        upper("CurrencyIsoCode") as currency,
        "CloseDate" as close_date,
        coalesce("IsClosed", false) as is_closed,
        coalesce("IsWon", false) as is_won,
        "OwnerId" as owner_id,
        "CreatedDate" as created_at,
        case when coalesce("IsDeleted", false) then "SystemModstamp" end as deleted_at
    from source
)

select * from final
