with source as (
    {{ read_raw("pipedrive", "deals", {
        "id": "text",
        "org_id": "text",
        "user_id": "text",
        "stage_id": "text",
        "title": "text",
        "value": "number",
        "currency": "text",
        "status": "text",
        "deleted": "boolean",
        "close_time": "text",
        "expected_close_date": "date",
        "add_time": "text",
        "update_time": "timestamp",
    }) }}
),

final as (
    select
        id as deal_id,
        org_id as organization_id,
        title as deal_name,
        stage_id,
        lower(status) as status,
        value as amount,
        upper(nullif(currency, '')) as currency,
        coalesce({{ date_in_reporting_tz(utc_moment('close_time')) }}, expected_close_date)
            as close_date,
        user_id as owner_id,
        {{ utc_moment('add_time') }} as created_at,
        case when coalesce(deleted, false) or lower(status) = 'deleted' then update_time end
            as deleted_at
    from source
)

select * from final
