-- What was known of an account at a date: every Monday, and the run's date.
with day_feature as (
    select * from {{ ref('int_account__day_feature') }}
),

final as (
    select *
    from day_feature
    where {{ is_monday('as_of_date') }} or as_of_date = {{ as_of() }}
)

select
    account_id,
    as_of_date,
    is_customer,
    tenure_days,
    mrr,
    seats,
    term_months,
    days_to_term_end,
    cancelled_share,
    product_count,
    mrr_change_90d,
    active_users_7d,
    active_users_28d,
    active_users_prev_28d,
    events_28d,
    events_prev_28d,
    events_90d,
    usage_depth_90d,
    event_types_28d,
    active_days_28d,
    days_since_last_event,
    seat_utilisation,
    usage_trend,
    tickets_30d,
    tickets_90d,
    slow_responses_90d,
    bad_ratings_90d,
    open_tickets,
    open_urgent_tickets,
    invoices_overdue,
    late_invoices_180d,
    touchpoints_90d,
    days_since_touchpoint
from final
