{{ config(enabled=source_enabled('zendesk'), materialized='view') }}

-- Of several changes in one second the last one counts. A deleted ticket is deleted since its last
-- update; no audit says so.
with changes as (
    select
        ticket_id,
        field,
        new_value,
        changed_at,
        0 as is_deletion,
        audit_number,
        ticket_change_id
    from {{ ref('stg_zendesk__ticket_change') }}
    where field in ('status', 'priority') and changed_at is not null
    union all
    select
        ticket_id,
        'status' as field,
        status as new_value,
        updated_at as changed_at,
        1 as is_deletion,
        null as audit_number,
        null as ticket_change_id
    from {{ ref('stg_zendesk__ticket') }}
    where status = 'deleted' and updated_at is not null
),

ranked as (
    select
        *,
        row_number() over (
            partition by ticket_id, field, changed_at
            order by is_deletion desc, audit_number desc, ticket_change_id desc
        ) as recency
    from changes
),

final as (
    select
        'zendesk' as source,
        ticket_id,
        field,
        new_value,
        changed_at
    from ranked
    where recency = 1
)

select * from final
