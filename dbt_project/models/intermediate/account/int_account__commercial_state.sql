-- What an account pays and when its term ends, as of the run's date.
with periods as (
    select * from {{ ref('int_revenue__subscription_period') }}
    where
        account_id is not null
        and started_on <= {{ as_of() }}
        and (ended_on is null or ended_on > {{ as_of() }})
),

dated as (
    select
        account_id,
        mrr,
        seats,
        term_months,
        is_trial,
        mrr > 0 and not is_trial as is_paid,
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
),

-- A yearly contract renews, a monthly add-on beside it merely goes on.
final as (
    select
        account_id,
        coalesce(sum(case when is_paid then mrr end), 0) as mrr,
        max(case when is_trial then 1 else 0 end) = 1 as has_trial,
        coalesce(
            min(case when is_paid and coalesce(term_months, 12) >= 12 then term_ends_on end),
            min(case when is_paid then term_ends_on end)
        ) as renewal_date,
        max(case when is_paid then coalesce(term_months, 12) end) as longest_term_months,
        coalesce(min(case when is_paid then cast(is_cancelled as integer) end) = 1, false)
            as is_at_notice
    from dated
    group by account_id
)

select * from final
