{{ config(enabled=source_enabled('app'), materialized='view') }}

with tickets as (
    select * from {{ ref('int_support__app_ticket') }}
),

final as (
    select
        source,
        ticket_id as rating_id,
        ticket_id,
        satisfaction_score as score,
        satisfaction_at as rated_at
    from tickets
    where satisfaction_score is not null
)

select * from final
