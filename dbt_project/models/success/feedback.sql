-- What people answered the copilot: with its tasks, with a verdict or a score of their own on the
-- account, with the pulse. Each counts from the day on which it was said, or first seen.
with accounts as (
    select * from {{ ref('dim_account') }}
),

tasks as (
    select * from {{ ref('int_task__answer') }}
),

answers as (
    select * from {{ ref('int_account__answer') }}
),

pulses as (
    select
        anchors.account_id,
        pulse.record_key,
        pulse.word,
        pulse.given_on
    from {{ ref('int_account__pulse') }} as pulse
    inner join {{ ref('int_identity__anchor') }} as anchors
        on
            pulse.source = anchors.source
            and pulse.source_object = anchors.source_object
            and pulse.source_id = anchors.source_id
    where pulse.given_on <= {{ as_of() }}
),

overrides as (
    select override_id from {{ ref('int_health__override') }}
),

given as (
    select
        marker as given_key,
        account_id,
        'task' as kind,
        marker as action,
        reason_key as rule,
        cast(null as {{ dbt.type_string() }}) as verdict,
        outcome,
        cast(null as {{ dbt.type_string() }}) as detail,
        owner_email,
        changed_at as given_at
    from tasks
    union all
    select
        answers.answer_id as given_key,
        answers.account_id,
        answers.question as kind,
        null as action,
        null as rule,
        answers.word as verdict,
        case
            when answers.question != 'override' then null
            when overrides.override_id is not null then 'counted'
            else 'not counted'
        end as outcome,
        case
            when answers.question = 'override'
                then
                    {{ whole('answers.points') }} || ' of 100 until '
                    || coalesce(
                        cast(answers.expires_on as {{ dbt.type_string() }}), 'no day that is given'
                    )
                    || coalesce(': ' || answers.reason, ', for no reason that is given')
        end as detail,
        null as owner_email,
        answers.given_at
    from answers
    left outer join overrides on answers.answer_id = overrides.override_id
    union all
    select
        record_key || cast(given_on as {{ dbt.type_string() }}) as given_key,
        account_id,
        'pulse' as kind,
        null as action,
        null as rule,
        word as verdict,
        null as outcome,
        null as detail,
        null as owner_email,
        {{ start_of_reporting_day('given_on') }} as given_at
    from pulses
),

-- A task's answer is about the alert that it was made for; any other about the newest one then.
alerts as (
    select
        given.given_key,
        alert.alert_id,
        row_number() over (
            partition by given.given_key order by alert.opened_at desc, alert.alert_id asc
        ) as recency
    from given
    inner join {{ ref('alert') }} as alert
        on
            given.account_id = alert.account_id
            and alert.rule = coalesce(given.rule, alert.rule)
            and alert.opened_at <= {{ date_in_reporting_tz('given.given_at') }}
            and (
                given.rule is not null
                or coalesce(alert.closed_at > {{ date_in_reporting_tz('given.given_at') }}, true)
            )
),

final as (
    select
        {{ record_key(['given.kind', 'given.given_key']) }} as feedback_id,
        given.account_id,
        given.kind,
        given.action,
        alerts.alert_id as alert,
        given.verdict,
        given.outcome,
        given.detail,
        coalesce(given.owner_email, accounts.csm_email) as by,
        given.given_at as at
    from given
    inner join accounts on given.account_id = accounts.account_id
    left outer join alerts
        on given.given_key = alerts.given_key and alerts.recency = 1
)

select * from final
