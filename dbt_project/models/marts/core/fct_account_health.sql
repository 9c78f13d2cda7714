-- Health of each customer on each day: what somebody set by hand for that day, else the rule score.
-- The score is null and the band `unknown` where too little is known of the account.
{% set rules = health_rules() %}
{% set bands = rules.get('bands', {}) %}

with day_score as (
    select
        account_id,
        as_of_date,
        coverage,
        override_id,
        override_score,
        case
            when coverage >= {{ rules.get('minimum_coverage', 0) }} then rule_score
        end as rule_score
    from {{ ref('int_health__day_score') }}
),

scored as (
    select
        *,
        coalesce(override_score, rule_score) as health_score
    from day_score
),

final as (
    select
        scored.account_id,
        scored.as_of_date,
        scored.health_score,
        case
            when scored.health_score is null then 'unknown'
            when scored.health_score >= {{ bands.get('healthy', 1) }} then 'healthy'
            when scored.health_score >= {{ bands.get('watch', 1) }} then 'watch'
            else 'at_risk'
        end as health_band,
        scored.coverage,
        scored.health_score - week_before.health_score as change_7d,
        scored.health_score - month_before.health_score as change_30d,
        scored.rule_score,
        scored.override_id
    from scored
    left outer join scored as week_before
        on
            scored.account_id = week_before.account_id
            and week_before.as_of_date = {{ add_days('scored.as_of_date', '-7') }}
    left outer join scored as month_before
        on
            scored.account_id = month_before.account_id
            and month_before.as_of_date = {{ add_days('scored.as_of_date', '-30') }}
)

select
    account_id,
    as_of_date,
    health_score,
    health_band,
    coverage,
    change_7d,
    change_30d,
    rule_score,
    override_id
from final
