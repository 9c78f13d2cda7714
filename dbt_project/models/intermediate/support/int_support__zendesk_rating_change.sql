{{ config(enabled=source_enabled('zendesk'), materialized='view') }}

-- Each rating that a ticket was given, from its audits; one that was taken back has no score.
with changes as (
    select
        ticket_id,
        {{ zendesk_score('new_value') }} as score,
        changed_at,
        row_number() over (
            partition by ticket_id, changed_at
            order by audit_number desc, ticket_change_id desc
        ) as recency
    from {{ ref('stg_zendesk__ticket_change') }}
    where field = 'satisfaction_score' and changed_at is not null
),

final as (
    select
        'zendesk' as source,
        ticket_id,
        cast(score as numeric) as score,
        changed_at as rated_at
    from changes
    where recency = 1
)

select * from final
