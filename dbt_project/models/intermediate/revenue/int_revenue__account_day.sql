-- What an account pays on each day, from the subscription stretches known on that day.
with calendar as (
    select * from {{ ref('int_account__calendar') }}
),

periods as (
    select
        account_id,
        subscription_id,
        product,
        seats,
        mrr,
        term_months,
        ended_on,
        cancelled_on,
        greatest(started_on, known_on) as started_on,
        min(started_on) over (partition by account_id, subscription_id) as anchor_on
    from {{ ref('int_revenue__subscription_period') }}
    where mrr > 0
),

paid as (
    select
        calendar.account_id,
        calendar.as_of_date,
        sum(periods.mrr) as mrr,
        max(periods.seats) as seats,
        count(distinct periods.product) as product_count,
        max(periods.term_months) as term_months,
        min(
            case
                when periods.ended_on is not null and periods.cancelled_on <= calendar.as_of_date
                    then 1
                else 0
            end
        ) = 1 as is_at_notice,
        sum(
            case
                when
                    periods.cancelled_on <= calendar.as_of_date
                    and periods.ended_on
                    <= {{ add_days('calendar.as_of_date', var('horizon_days')) }}
                    then periods.mrr
                else 0
            end
        ) as cancelled_mrr,
        min(
            case
                when periods.term_months > 0
                    then {{ next_anniversary(
                        'periods.anchor_on', 'periods.term_months', 'calendar.as_of_date'
                    ) }}
            end
        ) filter (where periods.term_months >= 12) as annual_term_end,
        min(
            case
                when periods.term_months > 0
                    then {{ next_anniversary(
                        'periods.anchor_on', 'periods.term_months', 'calendar.as_of_date'
                    ) }}
            end
        ) as term_end
    from calendar
    inner join periods
        on
            calendar.account_id = periods.account_id
            and calendar.as_of_date >= periods.started_on
            and (periods.ended_on is null or calendar.as_of_date < periods.ended_on)
    group by calendar.account_id, calendar.as_of_date
),

daily as (
    select
        calendar.account_id,
        calendar.as_of_date,
        calendar.first_paid_on,
        calendar.is_tracked,
        paid.seats,
        paid.term_months,
        paid.is_at_notice,
        coalesce(paid.mrr, 0) as mrr,
        paid.cancelled_mrr / paid.mrr as cancelled_share,
        coalesce(paid.product_count, 0) as product_count,
        coalesce(paid.annual_term_end, paid.term_end) as term_end_date
    from calendar
    left outer join paid
        on
            calendar.account_id = paid.account_id
            and calendar.as_of_date = paid.as_of_date
),

final as (
    select
        account_id,
        as_of_date,
        is_tracked,
        mrr,
        seats,
        term_months,
        product_count,
        term_end_date,
        is_at_notice,
        round(cancelled_share, 6) as cancelled_share,
        {{ days_between('first_paid_on', 'as_of_date') }} as tenure_days,
        mrr - lag(mrr, 90, 0) over (partition by account_id order by as_of_date) as mrr_change_90d
    from daily
)

select * from final
