{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

with stages as (
    select
        opportunity_id as deal_source_id,
        stage,
        changed_at,
        row_number() over (
            partition by opportunity_id, changed_at
            order by opportunity_stage_id desc
        ) as recency
    from {{ ref('stg_salesforce__opportunity_stage') }}
    where changed_at is not null and stage is not null
),

final as (
    select
        'salesforce' as source,
        deal_source_id,
        stage,
        changed_at
    from stages
    where recency = 1
)

select * from final
