-- The next renewal of everything that an account pays for: rows whose terms end on one day renew
-- together. Each row that runs has one next renewal, so the amounts add up to what the account pays
-- for by terms that are known.
with chains as (
    select * from {{ ref('int_revenue__account_chain') }}
    where ended_on is null
),

terms as (
    select * from {{ ref('int_account__running_term') }}
    where is_paid and term_ends_on is not null
),

final as (
    select
        terms.account_id,
        {{ as_of() }} as as_of_date,
        terms.term_ends_on as renewal_date,
        {{ months_between('chains.started_on', 'terms.term_ends_on') }} as renewal_tenure_months,
        cast(sum(terms.mrr) as numeric) as mrr,
        cast(sum(case when terms.is_cancelled then 0 else terms.mrr end) as numeric) as open_mrr,
        cast(max(terms.term_months) as integer) as term_months
    from terms
    inner join chains on terms.account_id = chains.account_id
    group by terms.account_id, terms.term_ends_on, chains.started_on
)

select * from final
