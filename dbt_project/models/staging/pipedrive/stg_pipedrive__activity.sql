with source as (
    {{ read_raw("pipedrive", "activities", {
        "id": "text",
        "org_id": "text",
        "user_id": "text",
        "type": "text",
        "subject": "text",
        "done": "boolean",
        "due_date": "text",
        "due_time": "text",
        "marked_as_done_time": "text",
        "active_flag": "boolean",
        "add_time": "text",
        "update_time": "timestamp",
    }) }}
),

final as (
    select
        id as activity_id,
        org_id as organization_id,
        lower(type) as activity_type,
        subject,
        coalesce(done, false) as is_done,
        {{ utc_moment("nullif(concat_ws(' ', nullif(due_date, ''), nullif(due_time, '')), '')") }}
            as due_at,
        {{ utc_moment('marked_as_done_time') }} as done_at,
        user_id,
        update_time as modified_at,
        {{ utc_moment('add_time') }} as created_at,
        case when not coalesce(active_flag, true) then update_time end as deleted_at
    from source
)

select * from final
