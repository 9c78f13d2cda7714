-- Past renewals, and what was paid after them: a day before the end of a term, and once the grace
-- gap has passed, when it is settled. Ends of terms are those known on the day before.
with days as (
    select * from {{ ref('int_revenue__account_day') }}
    where is_tracked
),

chains as (
    select * from {{ ref('int_revenue__account_chain') }}
),

ended_terms as (
    select
        account_id,
        term_months,
        mrr as mrr_before,
        term_end_date as renewed_on
    from days
    where
        mrr > 0
        and term_end_date = {{ add_days('as_of_date', 1) }}
        and {{ add_days('term_end_date', var('grace_days')) }} <= {{ as_of() }}
),

final as (
    select
        ended_terms.account_id,
        ended_terms.renewed_on,
        cast(coalesce(ended_terms.term_months, 12) as integer) as term_months,
        cast(ended_terms.mrr_before as numeric) as mrr_before,
        cast(coalesce(later.mrr, 0) as numeric) as mrr_after,
        chains.account_id is not null as is_renewed
    from ended_terms
    left outer join days as later
        on
            ended_terms.account_id = later.account_id
            and {{ add_days('ended_terms.renewed_on', var('grace_days')) }} = later.as_of_date
    left outer join chains
        on
            ended_terms.account_id = chains.account_id
            and ended_terms.renewed_on > chains.started_on
            and (chains.ended_on is null or ended_terms.renewed_on < chains.ended_on)
)

select * from final
