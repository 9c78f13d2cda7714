-- What survival curves learn from: from when to when each paid chain was under observation, in
-- months of its age, and whether it ended then. An end is only known once the grace gap has passed,
-- so nothing is known to have gone on after the last day but the grace: a chain that still ran then
-- is censored there. A chain whose first row was known late, or that began before the billing data
-- did, counts from that day on: had it ended before, it would not be here.
{% set last_known_day = add_days(as_of(), '-' ~ var('grace_days')) %}
{% set history_from = "cast('" ~ (var('history_from') or '0001-01-01') ~ "' as date)" %}

with chains as (
    select * from {{ ref('int_revenue__account_chain') }}
),

starts as (
    select * from {{ ref('int_revenue__chain_start') }}
),

observed as (
    select
        chains.account_chain_id,
        chains.account_id,
        chains.chain_no,
        chains.started_on,
        greatest(chains.started_on, starts.known_on, {{ history_from }}) as observed_from,
        coalesce(chains.ended_on, {{ last_known_day }}) as observed_until,
        chains.ended_on is not null as is_ended,
        starts.start_mrr,
        starts.start_term_months
    from chains
    inner join starts on chains.account_chain_id = starts.account_chain_id
),

final as (
    select
        account_chain_id,
        {{ as_of() }} as as_of_date,
        account_id,
        chain_no,
        started_on,
        observed_from,
        observed_until,
        is_ended,
        {{ months_between('started_on', 'observed_from') }} as entry_months,
        {{ months_between('started_on', 'observed_until') }} as exit_months,
        cast(start_mrr as numeric) as start_mrr,
        cast(start_term_months as integer) as start_term_months
    from observed
    where observed_from < observed_until
)

select * from final
