-- Alerts as episodes of consecutive days on which a rule holds. An episode stays open until its
-- rule has been quiet for the rule's quiet days, so that a score near a threshold does not flap. It
-- says how things were on the last day on which the rule held.
-- Nothing is remembered between runs: a full rebuild gives the same alerts.
with alert_day as (
    select * from {{ ref('int_success__alert_day') }}
),

rules as (
    select * from {{ ref('int_success__alert_rule') }}
),

marked as (
    select
        alert_day.*,
        rules.quiet_days,
        lag(alert_day.as_of_date) over (
            partition by alert_day.account_id, alert_day.rule order by alert_day.as_of_date
        ) as previous_date
    from alert_day
    inner join rules on alert_day.rule = rules.rule
),

numbered as (
    select
        *,
        sum(
            case
                when
                    previous_date is null
                    or {{ days_between('previous_date', 'as_of_date') }} > quiet_days + 1
                    then 1
                else 0
            end
        ) over (partition by account_id, rule order by as_of_date) as episode
    from marked
),

episodes as (
    select
        account_id,
        rule,
        episode,
        min(as_of_date) as opened_at,
        max(as_of_date) as last_held_on,
        max(case when is_escalated then 1 else 0 end) as was_escalated,
        max(quiet_days) as quiet_days
    from numbered
    group by account_id, rule, episode
),

closed as (
    select
        episodes.*,
        last_day.magnitude,
        case
            when {{ days_between('episodes.last_held_on', as_of()) }} > episodes.quiet_days
                then {{ add_days('episodes.last_held_on', 'episodes.quiet_days + 1') }}
        end as closed_at
    from episodes
    inner join alert_day as last_day
        on
            episodes.account_id = last_day.account_id
            and episodes.rule = last_day.rule
            and episodes.last_held_on = last_day.as_of_date
),

final as (
    select
        {{ dbt.hash(dbt.concat([
            'closed.account_id', "'|'", 'closed.rule', "'|'",
            'cast(closed.opened_at as ' ~ dbt.type_string() ~ ')',
        ])) }} as alert_id,
        closed.account_id,
        closed.rule,
        case when closed.was_escalated = 1 then rules.escalated_severity else rules.severity end
            as severity,
        case when closed.closed_at is null then 'open' else 'closed' end as state,
        closed.opened_at,
        closed.closed_at,
        closed.last_held_on,
        case closed.rule
            when 'score_drop'
                then
                    'Health fell by ' || {{ whole('100 * closed.magnitude') }}
                    || ' points within 30 days'
            when 'band_change'
                then
                    'Health fell into the at-risk band, to '
                    || {{ whole('100 * closed.magnitude') }} || ' of 100'
            when 'severe_ticket'
                then {{ counted('closed.magnitude', 'urgent ticket') }} || ' open'
            when 'usage_collapse'
                then
                    'Use fell by ' || {{ whole('100 * closed.magnitude') }}
                    || '% within four weeks'
            when 'payment_failed'
                then {{ counted('closed.magnitude', 'invoice') }} || ' overdue'
            when 'renewal_at_risk'
                then
                    'The term ends '
                    || case
                        when closed.magnitude < 1 then 'today'
                        else 'within ' || {{ counted('closed.magnitude', 'day') }}
                    end
                    || ' and health is not good'
            when 'champion_gone'
                then
                    {{ counted('closed.magnitude', 'champion') }}
                    || ' gone, and no other is known'
        end as detail
    from closed
    inner join rules on closed.rule = rules.rule
)

select
    alert_id,
    account_id,
    rule,
    severity,
    state,
    opened_at,
    closed_at,
    last_held_on,
    detail
from final
