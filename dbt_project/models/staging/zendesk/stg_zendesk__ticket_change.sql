-- One field of a ticket that an update set. The first audit of a ticket says what it began with.
with source as (
    {{ read_raw("zendesk", "ticket_audits", {
        "id": "integer",
        "ticket_id": "integer",
        "events": "json",
        "created_at": "timestamp",
    }) }}
),

unnested as (
    select
        source.id,
        source.ticket_id,
        source.created_at,
        element.event
    from source
    cross join {{ json_elements('source.events', 'element', 'event') }}
),

final as (
    select
        cast(id as text) || '-' || {{ json_path_text('event', ['id']) }} as ticket_change_id,
        cast(ticket_id as text) as ticket_id,
        {{ json_path_text('event', ['field_name']) }} as field,
        lower({{ json_path_text('event', ['value']) }}) as new_value,
        created_at as changed_at,
        id as audit_number
    from unnested
    where
        {{ json_path_text('event', ['type']) }} in ('Create', 'Change')
        and {{ json_path_text('event', ['field_name']) }}
        in ('status', 'priority', 'satisfaction_score')
)

select * from final
