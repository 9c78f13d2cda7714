{{ config(materialized='view') }}

-- The quantity behind each health measure, in its own unit; null where it is not known.
with day_feature as (
    select * from {{ ref('int_account__day_feature') }}
    where is_customer
),

final as (
    select
        account_id,
        as_of_date,
        case when days_since_last_event is not null then coalesce(usage_trend, -1) end
            as usage_trend,
        cast(days_since_last_event as numeric) as usage_recency,
        case when days_since_last_event is not null then seat_utilisation end as user_breadth,
        case when days_since_last_event is not null then cast(event_types_28d as numeric) end
            as feature_breadth,
        round(
            cast(tickets_30d * 10 as numeric) / greatest(coalesce(active_users_28d, 0), 5), 6
        ) as support_burden,
        cast(slow_responses_90d + bad_ratings_90d as numeric) as support_quality,
        cast(invoices_overdue as numeric) as payment,
        round(mrr_change_90d / greatest(mrr - mrr_change_90d, mrr), 6) as commercial_change,
        cast(days_since_touchpoint as numeric) as relationship
    from day_feature
)

select * from final
