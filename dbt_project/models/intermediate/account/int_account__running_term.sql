-- The subscription rows that run at the run's date, each with the next end of its term.
with periods as (
    select * from {{ ref('int_revenue__subscription_period') }}
    where
        account_id is not null
        and started_on <= {{ as_of() }}
        and (ended_on is null or ended_on > {{ as_of() }})
),

final as (
    select
        period_id,
        account_id,
        mrr,
        is_trial,
        mrr > 0 and not is_trial as is_paid,
        coalesce(term_months, 12) as term_months,
        coalesce(cancelled_on <= {{ as_of() }} and ended_on is not null, false) as is_cancelled,
        case
            when cancelled_on <= {{ as_of() }} and ended_on is not null then ended_on
            when renewal_on > {{ as_of() }} then renewal_on
            when renewal_on is not null and term_months > 0
                then {{ next_anniversary('renewal_on', 'term_months', as_of()) }}
            when renewal_on is null and ended_on is not null then ended_on
            when term_months > 0
                then {{ next_anniversary('started_on', 'term_months', as_of()) }}
        end as term_ends_on
    from periods
)

select * from final
