with touchpoints as (
    select * from {{ ref('int_touchpoint') }}
),

final as (
    select
        touchpoint_id,
        account_id,
        source,
        source_touchpoint_id,
        kind,
        subject,
        occurred_at,
        {{ date_in_reporting_tz('occurred_at') }} as touchpoint_date,
        owner_email
    from touchpoints
    where
        {{ date_in_reporting_tz('occurred_at') }} <= {{ as_of() }}
        and coalesce({{ date_in_reporting_tz('deleted_at') }} > {{ as_of() }}, true)
)

select * from final
