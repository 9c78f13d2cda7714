-- Every reason to do something about a customer at the run's date, with its playbook; the first is
-- the one to act on. A reason that may lead to a task has the day since which it holds.
{% set chance_to_leave -%}
    'It leaves with a probability of ' || {{ whole('100 * scores.churn_probability') }} || '%'
{%- endset %}

with health as (
    select * from {{ ref('fct_account_health') }}
    where as_of_date = {{ as_of() }}
),

alerts as (
    select * from {{ ref('alert') }}
    where state = 'open'
),

spells as (
    select * from {{ ref('int_success__score_spell') }}
),

opportunities as (
    select * from {{ ref('int_success__best_opportunity') }}
),

scores as (
    select * from {{ ref('int_success__latest_score') }}
),

troubles as (
    select * from {{ ref('int_success__trouble') }}
),

contracts as (
    select * from {{ ref('int_account__commercial_state') }}
    where is_at_notice
),

notices as (
    select
        account_id,
        coalesce(max(cancelled_on), min(started_on)) as given_on
    from {{ ref('int_revenue__subscription_period') }}
    where
        mrr > 0
        and started_on <= {{ as_of() }}
        and coalesce(ended_on > {{ as_of() }}, true)
        and coalesce(cancelled_on <= {{ as_of() }}, true)
    group by account_id
),

playbooks as (
    select * from {{ ref('playbook') }}
),

-- Between two nights only few are scored anew: the others count by their last score of the week.
recent as (
    select
        churn_probability,
        row_number() over (partition by account_id order by as_of_date desc) as place
    from {{ source('ml', 'churn_score') }}
    where
        is_published
        and as_of_date <= {{ as_of() }}
        and as_of_date > {{ add_days(as_of(), -7) }}
),

average as (
    select avg(cast(churn_probability as numeric)) as probability
    from recent
    where place = 1
),

quiet as (
    select
        health.account_id,
        case
            when troubles.trouble is not null then troubles.trouble
            when health.health_band = 'watch'
                then
                    'Health is on watch, at ' || {{ whole('100 * health.health_score') }}
                    || ' of 100'
            when
                scores.risk_tier = 'medium'
                or cast(scores.churn_probability as numeric) > average.probability
                then {{ chance_to_leave }}
        end as concern
    from health
    left outer join troubles on health.account_id = troubles.account_id
    left outer join scores on health.account_id = scores.account_id
    cross join average
),

candidates as (
    select
        account_id,
        rule as reason_key,
        detail as reason,
        cast(null as {{ dbt.type_string() }}) as product,
        opened_at as opened_on,
        last_held_on = {{ as_of() }} as is_current,
        severity in ('high', 'critical') as is_urgent
    from alerts
    union all
    select
        contracts.account_id,
        'at_notice' as reason_key,
        'All that it pays for is cancelled' as reason,
        null as product,
        notices.given_on as opened_on,
        true as is_current,
        true as is_urgent
    from contracts
    left outer join notices on contracts.account_id = notices.account_id
    union all
    select
        spells.account_id,
        spells.reason_key,
        case
            when spells.reason_key = 'likely_to_leave' then {{ chance_to_leave }}
            else opportunities.reason
        end as reason,
        opportunities.product,
        spells.opened_on,
        spells.is_current,
        spells.reason_key = 'likely_to_leave' as is_urgent
    from spells
    left outer join scores on spells.account_id = scores.account_id
    left outer join opportunities
        on
            spells.account_id = opportunities.account_id
            and spells.reason_key = opportunities.kind
    union all
    select
        account_id,
        case when concern is null then 'none' else 'watch' end as reason_key,
        coalesce(concern, 'Health is healthy') as reason,
        null as product,
        null as opened_on,
        true as is_current,
        false as is_urgent
    from quiet
),

final as (
    select
        candidates.account_id,
        candidates.reason_key,
        case
            when candidates.is_current then candidates.reason
            else 'It held until a few days ago'
        end as reason,
        candidates.product,
        candidates.opened_on,
        candidates.is_current,
        candidates.is_urgent,
        playbooks.playbook,
        playbooks.priority,
        playbooks.channel,
        playbooks.subject,
        playbooks.message,
        playbooks.save_share,
        row_number() over (
            partition by candidates.account_id
            order by candidates.is_current desc, playbooks.priority asc, candidates.reason asc
        ) as place
    from candidates
    inner join health on candidates.account_id = health.account_id
    inner join playbooks on candidates.reason_key = playbooks.trigger_rule
)

select * from final
