-- On which days each alert rule holds for an account; the episodes are made from these days.
with health as (
    select * from {{ ref('fct_account_health') }}
),

day_feature as (
    select * from {{ ref('int_account__day_feature') }}
    where is_customer
),

urgent_tickets as (
    select
        tickets.account_id,
        tickets.ticket_id,
        tickets.created_date as opened_on,
        {{ date_in_reporting_tz('states.valid_from') }} as from_date,
        {{ date_in_reporting_tz('states.valid_to') }} as to_date
    from {{ ref('int_support__ticket_state') }} as states
    inner join {{ ref('fct_ticket') }} as tickets
        on states.ticket_id = tickets.ticket_id
    where tickets.account_id is not null and states.is_open and states.priority = 'urgent'
),

champions as (
    select * from {{ ref('int_contact__champion') }}
),

score_drop as (
    select
        account_id,
        as_of_date,
        'score_drop' as rule,
        change_30d <= -0.25 as is_escalated,
        -change_30d as magnitude
    from health
    where change_30d <= -0.15
),

band_change as (
    select
        account_id,
        as_of_date,
        'band_change' as rule,
        false as is_escalated,
        health_score as magnitude
    from health
    where health_band = 'at_risk'
),

severe_ticket as (
    select
        day_feature.account_id,
        day_feature.as_of_date,
        'severe_ticket' as rule,
        max({{ days_between('urgent_tickets.opened_on', 'day_feature.as_of_date') }}) >= 3
            as is_escalated,
        cast(count(distinct urgent_tickets.ticket_id) as numeric) as magnitude
    from day_feature
    inner join urgent_tickets
        on
            day_feature.account_id = urgent_tickets.account_id
            and day_feature.as_of_date >= urgent_tickets.from_date
            and coalesce(day_feature.as_of_date < urgent_tickets.to_date, true)
    group by day_feature.account_id, day_feature.as_of_date
),

usage_collapse as (
    select
        account_id,
        as_of_date,
        'usage_collapse' as rule,
        events_28d = 0 as is_escalated,
        round(1 - cast(events_28d as numeric) / events_prev_28d, 6) as magnitude
    from day_feature
    where events_prev_28d >= 50 and events_28d < events_prev_28d * 0.4
),

payment_failed as (
    select
        account_id,
        as_of_date,
        'payment_failed' as rule,
        invoices_overdue >= 2 as is_escalated,
        cast(invoices_overdue as numeric) as magnitude
    from day_feature
    where invoices_overdue > 0
),

renewal_at_risk as (
    select
        day_feature.account_id,
        day_feature.as_of_date,
        'renewal_at_risk' as rule,
        health.health_band = 'at_risk' and day_feature.days_to_term_end <= 30 as is_escalated,
        cast(day_feature.days_to_term_end as numeric) as magnitude
    from day_feature
    inner join health
        on
            day_feature.account_id = health.account_id
            and day_feature.as_of_date = health.as_of_date
    where
        day_feature.term_months >= 12
        and day_feature.days_to_term_end <= 60
        and health.health_band in ('at_risk', 'watch')
),

-- Ninety days are long enough to find another champion; any who is there ends it.
champion_days as (
    select
        day_feature.account_id,
        day_feature.as_of_date,
        coalesce(day_feature.days_to_term_end <= 90, false) as is_escalated,
        count(*) as gone
    from day_feature
    inner join champions
        on
            day_feature.account_id = champions.account_id
            and day_feature.as_of_date >= champions.gone_on
            and day_feature.as_of_date < {{ add_days('champions.gone_on', 90) }}
    group by
        day_feature.account_id, day_feature.as_of_date, day_feature.days_to_term_end
),

champion_gone as (
    select
        account_id,
        as_of_date,
        'champion_gone' as rule,
        is_escalated,
        cast(gone as numeric) as magnitude
    from champion_days
    where
        not exists (
            select 1
            from champions
            where
                champions.account_id = champion_days.account_id
                and champions.since_date <= champion_days.as_of_date
                and coalesce(champions.gone_on > champion_days.as_of_date, true)
        )
),

final as (
    select * from score_drop
    union all
    select * from band_change
    union all
    select * from severe_ticket
    union all
    select * from usage_collapse
    union all
    select * from payment_failed
    union all
    select * from renewal_at_risk
    union all
    select * from champion_gone
)

select * from final
