-- Status and priority of each ticket and since when: from the desk's own history where it has one
-- of the ticket, else from snapshots. Before the first row the state is not known. A ticket that is
-- opened again has rows after the one in which it was solved.
with tickets as (
    select
        ticket_id,
        account_id,
        source,
        source_ticket_id,
        created_at
    from {{ ref('int_support__ticket') }}
),

recorded as (
    select
        tickets.ticket_id,
        greatest(changes.changed_at, tickets.created_at) as changed_at,
        changes.changed_at as recorded_at,
        changes.field,
        changes.new_value
    from tickets
    inner join {{ ref('int_support__ticket_change') }} as changes
        on
            tickets.source = changes.source
            and tickets.source_ticket_id = changes.ticket_id
),

latest_recorded as (
    select
        *,
        row_number() over (
            partition by ticket_id, field, changed_at
            order by recorded_at desc
        ) as recency
    from recorded
),

recorded_points as (
    select
        ticket_id,
        changed_at,
        'history' as origin,
        max(case when field = 'status' then new_value end) as status,
        max(case when field = 'status' then 1 else 0 end) as sets_status,
        max(case when field = 'priority' then new_value end) as priority,
        max(case when field = 'priority' then 1 else 0 end) as sets_priority
    from latest_recorded
    where recency = 1
    group by ticket_id, changed_at
),

versions as (
    {{ ticket_versions(ref('int_support__ticket')) }}
),

seen_points as (
    select
        versions.ticket_id,
        versions.changed_at,
        'snapshot' as origin,
        lower(versions.status) as status,
        1 as sets_status,
        lower(versions.priority) as priority,
        1 as sets_priority
    from versions
    inner join tickets on versions.ticket_id = tickets.ticket_id
),

known_points as (
    select * from recorded_points
    union all
    select * from seen_points
),

points as (
    {{ history_else_snapshots('known_points', ['ticket_id'], counts='sets_status') }}
),

numbered as (
    select
        *,
        sum(sets_status) over until_then as status_no,
        sum(sets_priority) over until_then as priority_no
    from points
    window until_then as (
        partition by ticket_id order by changed_at
        rows between unbounded preceding and current row
    )
),

filled as (
    select
        ticket_id,
        changed_at,
        origin,
        row_number() over (partition by ticket_id order by changed_at) as state_no,
        max(status) over (partition by ticket_id, status_no) as status,
        max(priority) over (partition by ticket_id, priority_no) as priority
    from numbered
),

final as (
    select
        {{ record_key(['filled.ticket_id', 'cast(filled.state_no as text)']) }}
            as ticket_state_id,
        filled.ticket_id,
        tickets.account_id,
        tickets.source,
        filled.changed_at as valid_from,
        lead(filled.changed_at) over (
            partition by filled.ticket_id order by filled.changed_at
        ) as valid_to,
        filled.status,
        filled.priority,
        {{ ticket_is_open('filled.status') }} as is_open,
        filled.origin
    from filled
    inner join tickets on filled.ticket_id = tickets.ticket_id
)

select * from final
