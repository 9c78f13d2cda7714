{{ config(enabled=source_enabled('zendesk'), materialized='view') }}

-- Good is 5 and bad is 1; a rating that was only offered is none. What it says now has been true
-- since its last change.
with ratings as (
    select * from {{ ref('stg_zendesk__satisfaction_rating') }}
),

scored as (
    select
        rating_id,
        ticket_id,
        {{ zendesk_score('score') }} as score,
        coalesce(updated_at, created_at) as rated_at
    from ratings
),

final as (
    select
        'zendesk' as source,
        rating_id,
        ticket_id,
        cast(score as numeric) as score,
        rated_at
    from scored
    where score is not null
)

select * from final
