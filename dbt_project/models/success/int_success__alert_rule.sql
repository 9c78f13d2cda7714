-- The alert rules with the severities that copilot.yml gives them (`alerts.rules`); a severity that
-- was raised above the escalated one raises that one too.
{% set given = var('alert_severities', {}) %}

with rules as (
    select * from {{ ref('alert_rule') }}
),

chosen as (
    select
        rule,
        {{ chosen_severity(given, 'severity') }} as severity,
        {{ chosen_severity(given, 'escalated_severity') }} as escalated_severity,
        quiet_days
    from rules
),

final as (
    select
        rule,
        severity,
        case
            when {{ severity_rank('escalated_severity') }} < {{ severity_rank('severity') }}
                then severity
            else escalated_severity
        end as escalated_severity,
        quiet_days
    from chosen
)

select * from final
