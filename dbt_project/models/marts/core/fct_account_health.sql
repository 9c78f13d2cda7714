-- Health of each customer on each day. The score is null and the band `unknown` where too little
-- is known of the account.
with day_score as (
    select
        account_id,
        as_of_date,
        coverage,
        score
    from {{ ref('int_health__day_score') }}
),

bands as (
    select
        max(minimum_coverage) as minimum_coverage,
        max(case when health_band = 'healthy' then minimum_score end) as healthy_from,
        max(case when health_band = 'watch' then minimum_score end) as watch_from
    from {{ ref('health_band') }}
),

scored as (
    select
        day_score.account_id,
        day_score.as_of_date,
        day_score.coverage,
        bands.healthy_from,
        bands.watch_from,
        case when day_score.coverage >= bands.minimum_coverage then day_score.score end
            as health_score
    from day_score
    cross join bands
),

final as (
    select
        scored.account_id,
        scored.as_of_date,
        scored.health_score,
        case
            when scored.health_score is null then 'unknown'
            when scored.health_score >= scored.healthy_from then 'healthy'
            when scored.health_score >= scored.watch_from then 'watch'
            else 'at_risk'
        end as health_band,
        scored.coverage,
        scored.health_score - week_before.health_score as change_7d,
        scored.health_score - month_before.health_score as change_30d
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
    change_30d
from final
