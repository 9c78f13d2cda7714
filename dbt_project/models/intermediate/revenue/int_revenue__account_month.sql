-- What an account pays at the end of each month, from its first paid month to the run's month,
-- which is sampled on the run's date; with how many chains had begun and ended by then.
with chains as (
    select * from {{ ref('int_revenue__account_chain') }}
),

periods as (
    select * from {{ ref('int_revenue__subscription_period') }}
    where not is_trial and mrr > 0
),

first_month as (
    select
        account_id,
        cast({{ dbt.date_trunc('month', 'min(started_on)') }} as date) as first_month
    from chains
    group by account_id
),

months as (
    select
        first_month.account_id,
        cast({{ dbt.dateadd('month', 'series.day_number', 'first_month.first_month') }} as date)
            as month
    from first_month
    inner join {{ series(0, 1200) }}
        on
            {{ dbt.dateadd('month', 'series.day_number', 'first_month.first_month') }}
            <= {{ as_of() }}
),

sampled as (
    select
        account_id,
        month,
        least({{ dbt.last_day('month', 'month') }}, {{ as_of() }}) as sampled_on
    from months
),

paid as (
    select
        sampled.account_id,
        sampled.month,
        sum(periods.mrr) as mrr
    from sampled
    inner join periods
        on
            sampled.account_id = periods.account_id
            and sampled.sampled_on >= periods.started_on
            and (periods.ended_on is null or sampled.sampled_on < periods.ended_on)
    group by sampled.account_id, sampled.month
),

chain_counts as (
    select
        sampled.account_id,
        sampled.month,
        count(chains.started_on) as chains_started,
        count(case when chains.ended_on <= sampled.sampled_on then 1 end) as chains_ended
    from sampled
    inner join chains
        on
            sampled.account_id = chains.account_id
            and sampled.sampled_on >= chains.started_on
    group by sampled.account_id, sampled.month
),

final as (
    select
        {{ record_key(['sampled.account_id', 'cast(sampled.month as text)']) }}
            as account_month_id,
        sampled.account_id,
        sampled.month,
        sampled.sampled_on,
        coalesce(paid.mrr, 0) as closing_mrr,
        chain_counts.chains_started,
        chain_counts.chains_ended
    from sampled
    inner join chain_counts
        on
            sampled.account_id = chain_counts.account_id
            and sampled.month = chain_counts.month
    left outer join paid
        on
            sampled.account_id = paid.account_id
            and sampled.month = paid.month
)

select * from final
