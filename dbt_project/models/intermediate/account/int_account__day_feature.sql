-- Every feature on every tracked day: the one definition that the feature table (weekly) and the
-- health score (daily) both read.
with revenue as (
    select * from {{ ref('int_revenue__account_day') }}
    where is_tracked
),

invoices as (
    select * from {{ ref('int_revenue__invoice_account_day') }}
),

usage_days as (
    select * from {{ ref('int_usage__account_day') }}
),

support as (
    select * from {{ ref('int_support__account_day') }}
),

touchpoints as (
    select * from {{ ref('int_touchpoint__account_day') }}
),

final as (
    select
        revenue.account_id,
        revenue.as_of_date,
        revenue.mrr > 0 as is_customer,
        revenue.tenure_days,
        revenue.mrr,
        revenue.seats,
        revenue.term_months,
        {{ days_between('revenue.as_of_date', 'revenue.term_end_date') }} as days_to_term_end,
        coalesce(revenue.cancelled_share, 0) as cancelled_share,
        cast(revenue.product_count as integer) as product_count,
        revenue.mrr_change_90d,
        usage_days.active_users_7d,
        usage_days.active_users_28d,
        usage_days.active_users_prev_28d,
        usage_days.events_28d,
        usage_days.events_prev_28d,
        usage_days.events_90d,
        usage_days.usage_depth_90d,
        usage_days.event_types_28d,
        usage_days.active_days_28d,
        usage_days.days_since_last_event,
        round(cast(usage_days.active_users_28d as numeric) / nullif(revenue.seats, 0), 6)
            as seat_utilisation,
        round(
            cast(usage_days.events_28d - usage_days.events_prev_28d as numeric)
            / nullif(usage_days.events_28d + usage_days.events_prev_28d, 0),
            6
        ) as usage_trend,
        {% if has_source_of('support') -%}
            support.tickets_30d,
            support.tickets_90d,
            support.slow_responses_90d,
            support.bad_ratings_90d,
            support.open_tickets,
            support.open_urgent_tickets,
        {%- else -%}
            cast(null as integer) as tickets_30d,
            cast(null as integer) as tickets_90d,
            cast(null as integer) as slow_responses_90d,
            cast(null as integer) as bad_ratings_90d,
            cast(null as integer) as open_tickets,
            cast(null as integer) as open_urgent_tickets,
        {%- endif %}
        case when invoices.invoices_issued > 0 then invoices.invoices_overdue end
            as invoices_overdue,
        case when invoices.invoices_issued > 0 then invoices.late_invoices_180d end
            as late_invoices_180d,
        touchpoints.days_since_touchpoint,
        case
            when touchpoints.days_since_touchpoint is not null then touchpoints.touchpoints_90d
        end as touchpoints_90d
    from revenue
    inner join invoices
        on
            revenue.account_id = invoices.account_id
            and revenue.as_of_date = invoices.as_of_date
    inner join usage_days
        on
            revenue.account_id = usage_days.account_id
            and revenue.as_of_date = usage_days.as_of_date
    inner join support
        on
            revenue.account_id = support.account_id
            and revenue.as_of_date = support.as_of_date
    inner join touchpoints
        on
            revenue.account_id = touchpoints.account_id
            and revenue.as_of_date = touchpoints.as_of_date
)

select * from final
