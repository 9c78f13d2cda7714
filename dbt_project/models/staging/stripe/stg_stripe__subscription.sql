with source as (
    {{ read_raw("stripe", "subscriptions", {
        "id": "text",
        "customer": "text",
        "status": "text",
        "created": "integer",
        "trial_start": "number",
        "trial_end": "number",
        "cancel_at": "number",
        "canceled_at": "number",
        "ended_at": "number",
    }) }}
),

named as (
    select
        id as subscription_id,
        customer as customer_id,
        status,
        created as created_seconds,
        trial_start as trial_start_seconds,
        trial_end as trial_end_seconds,
        cancel_at as cancel_seconds,
        canceled_at as cancelled_seconds,
        coalesce(ended_at, case when status = 'canceled' then canceled_at end)
            as ended_seconds
    from source
),

final as (
    select
        subscription_id,
        customer_id,
        status,
        {{ from_unix_seconds('created_seconds') }} as created_at,
        {{ from_unix_seconds('trial_start_seconds') }} as trial_started_at,
        {{ from_unix_seconds('trial_end_seconds') }} as trial_ends_at,
        {{ from_unix_seconds('cancel_seconds') }} as cancels_at,
        {{ from_unix_seconds('cancelled_seconds') }} as cancelled_at,
        {{ from_unix_seconds('ended_seconds') }} as ended_at
    from named
)

select * from final
