-- Tickets of the last twelve months; subjects stay out, people write names into them.
with ticket as (
    select * from {{ ref('fct_ticket') }}
    where
        account_id is not null
        and created_date > cast({{ dbt.dateadd('month', -12, as_of()) }} as date)
),

final as (
    select
        ticket_id,
        account_id,
        created_date,
        cast(coalesce(priority, 'not set') as varchar) as priority,
        cast(case when is_open then 'Open' else 'Solved' end as varchar) as status_label,
        round(
            cast(
                {{ dbt.datediff('created_at', 'first_response_at', 'minute') }} as numeric -- noqa: LT05
            ) / 60,
            1
        ) as first_response_hours,
        cast(
            case
                when satisfaction_score is null then 'Not rated'
                when satisfaction_score >= 4 then 'Good'
                when satisfaction_score <= 2 then 'Bad'
                else 'Neutral'
            end as varchar
        ) as rating_label
    from ticket
)

select * from final
