{{ config(materialized='view') }}

-- The quantities that a health measure may use, in their own units; null where not known.
with day_feature as (
    select * from {{ ref('int_account__day_feature') }}
),

pulse as (
    select * from {{ ref('int_health__pulse') }}
),

final as (
    select
        day_feature.account_id,
        day_feature.as_of_date,
        day_feature.is_customer,
        case
            when day_feature.days_since_last_event is not null
                then cast(day_feature.events_28d as numeric)
        end as usage_volume,
        cast(day_feature.days_since_last_event as numeric) as usage_recency,
        case
            when day_feature.days_since_last_event is not null then day_feature.seat_utilisation
        end as user_breadth,
        case
            when day_feature.days_since_last_event is not null
                then cast(day_feature.event_types_28d as numeric)
        end as feature_breadth,
        round(
            cast(day_feature.tickets_30d * 10 as numeric)
            / greatest(coalesce(day_feature.active_users_28d, 0), 5),
            6
        ) as support_burden,
        cast(day_feature.slow_responses_90d + day_feature.bad_ratings_90d as numeric)
            as support_quality,
        cast(day_feature.invoices_overdue as numeric) as payment,
        round(
            day_feature.mrr_change_90d
            / nullif(greatest(day_feature.mrr - day_feature.mrr_change_90d, day_feature.mrr), 0),
            6
        ) as commercial_change,
        cast(day_feature.days_since_touchpoint as numeric) as relationship,
        pulse.pulse,
        {{ days_between('pulse.given_on', 'day_feature.as_of_date') }} as pulse_age
    from day_feature
    left outer join pulse
        on
            day_feature.account_id = pulse.account_id
            and day_feature.as_of_date >= pulse.given_on
            and day_feature.as_of_date < pulse.replaced_on
)

select * from final
