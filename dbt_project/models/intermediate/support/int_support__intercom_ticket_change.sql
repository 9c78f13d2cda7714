{{ config(enabled=source_enabled('intercom'), materialized='view') }}

-- A conversation begins open; its parts say what closed, opened and snoozed it. Of the priority
-- they say only that it changed: having two values, it is told backwards from today's. Of several
-- changes in one second the last one counts.
with tickets as (
    select * from {{ ref('int_support__intercom_ticket') }}
),

parts as (
    select
        tickets.ticket_id,
        tickets.priority as present_priority,
        parts.part_id,
        parts.part_number,
        parts.created_at as changed_at,
        case
            when parts.part_type = 'close' then 'solved'
            when parts.part_type = 'snoozed' then 'hold'
            when
                parts.part_type in (
                    'open', 'assign_and_reopen', 'note_and_reopen', 'unsnoozed',
                    'timer_unsnooze', 'assign_and_unsnooze', 'note_and_unsnooze'
                )
                then 'open'
        end as status,
        parts.part_type in ('priority_changed', 'priority_changed_by_rule')
            as is_priority_change
    from tickets
    inner join {{ ref('stg_intercom__conversation_part') }} as parts
        on tickets.ticket_id = parts.conversation_id
    where parts.created_at >= tickets.created_at
),

flips as (
    select
        *,
        row_number() over (
            partition by ticket_id
            order by changed_at desc, part_number desc, part_id desc
        ) as flips_from_there
    from parts
    where is_priority_change and present_priority is not null
),

flip_counts as (
    select
        ticket_id,
        count(*) as flips
    from flips
    group by ticket_id
),

changes as (
    select
        ticket_id,
        'status' as field,
        'open' as new_value,
        created_at as changed_at,
        cast(null as numeric) as part_number,
        cast(null as {{ data_type('text') }}) as part_id
    from tickets
    union all
    select
        ticket_id,
        'status' as field,
        status as new_value,
        changed_at,
        part_number,
        part_id
    from parts
    where status is not null
    union all
    select
        tickets.ticket_id,
        'priority' as field,
        {{ intercom_priority_before('tickets.priority', 'coalesce(flip_counts.flips, 0)') }}
            as new_value,
        tickets.created_at as changed_at,
        null as part_number,
        null as part_id
    from tickets
    left outer join flip_counts
        on tickets.ticket_id = flip_counts.ticket_id
    where tickets.priority is not null
    union all
    select
        ticket_id,
        'priority' as field,
        {{ intercom_priority_before('present_priority', 'flips_from_there - 1') }} as new_value,
        changed_at,
        part_number,
        part_id
    from flips
),

ranked as (
    select
        *,
        row_number() over (
            partition by ticket_id, field, changed_at
            order by part_number desc nulls last, part_id desc nulls last
        ) as recency
    from changes
),

final as (
    select
        'intercom' as source,
        ticket_id,
        field,
        new_value,
        changed_at
    from ranked
    where recency = 1
)

select * from final
