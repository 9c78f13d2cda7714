with source as (
    {{ read_raw("salesforce", "OpportunityHistory", {
        "Id": "text",
        "IsDeleted": "boolean",
        "OpportunityId": "text",
        "CreatedDate": "timestamp",
        "StageName": "text",
    }) }}
),

final as (
    select
        "Id" as opportunity_stage_id,
        "OpportunityId" as opportunity_id,
        "StageName" as stage,
        "CreatedDate" as changed_at
    from source
    where not coalesce("IsDeleted", false)
)

select * from final
