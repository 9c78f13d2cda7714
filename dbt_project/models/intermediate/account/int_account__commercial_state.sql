-- What an account pays and when its term ends, as of the run's date.
with terms as (
    select * from {{ ref('int_account__running_term') }}
),

-- A yearly contract renews, a monthly add-on beside it merely goes on.
final as (
    select
        account_id,
        coalesce(sum(case when is_paid then mrr end), 0) as mrr,
        max(case when is_trial then 1 else 0 end) = 1 as has_trial,
        coalesce(
            min(case when is_paid and term_months >= 12 then term_ends_on end),
            min(case when is_paid then term_ends_on end)
        ) as renewal_date,
        max(case when is_paid then term_months end) as longest_term_months,
        coalesce(min(case when is_paid then cast(is_cancelled as integer) end) = 1, false)
            as is_at_notice
    from terms
    group by account_id
)

select * from final
