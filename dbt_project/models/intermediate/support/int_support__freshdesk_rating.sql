{{ config(enabled=source_enabled('freshdesk'), materialized='view') }}

-- Seven steps, of which a survey may offer fewer: the sign says whether it is good or bad, so each
-- unhappy answer is a bad rating.
with ratings as (
    select * from {{ ref('stg_freshdesk__satisfaction_rating') }}
),

scored as (
    select
        rating_id,
        ticket_id,
        case rating_code
            when 103 then 5
            when 102 then 4.5
            when 101 then 4
            when 100 then 3
            when -101 then 2
            when -102 then 1.5
            when -103 then 1
        end as score,
        coalesce(updated_at, created_at) as rated_at
    from ratings
),

final as (
    select
        'freshdesk' as source,
        rating_id,
        ticket_id,
        cast(score as numeric) as score,
        rated_at
    from scored
    where score is not null
)

select * from final
