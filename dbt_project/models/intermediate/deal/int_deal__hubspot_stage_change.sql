{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

with labels as (
    select
        stage_id,
        min(stage) as stage
    from {{ ref('stg_hubspot__deal_stage') }}
    group by stage_id
),

stages as (
    select
        history.deal_id as deal_source_id,
        coalesce(labels.stage, history.new_value) as stage,
        history.changed_at,
        row_number() over (
            partition by history.deal_id, history.changed_at
            order by history.new_value
        ) as recency
    from {{ ref('stg_hubspot__deal_property_change') }} as history
    left outer join labels
        on history.new_value = labels.stage_id
    where
        history.property_name = 'dealstage'
        and history.changed_at is not null
        and history.new_value is not null
),

final as (
    select
        'hubspot' as source,
        deal_source_id,
        stage,
        changed_at
    from stages
    where recency = 1
)

select * from final
