{{ config(enabled=var('crm') != 'none') }}

-- The reasons that hold for customers, as tasks in the CRM. A task is wanted for the most pressing
-- one, if its playbook makes tasks; one that is there stays as long as its reason is listed.
{% set playbooks = var('task_playbooks') %}

with reasons as (
    select * from {{ ref('int_success__reason') }}
    where opened_on is not null
),

accounts as (
    select * from {{ ref('int_success__crm_record') }}
),

actions as (
    select * from {{ ref('recommended_action') }}
),

summaries as (
    select
        account_id,
        report_url
    from {{ ref('account_360') }}
),

final as (
    select
        {{ record_key([
            'reasons.account_id', 'reasons.reason_key',
            'cast(reasons.opened_on as ' ~ dbt.type_string() ~ ')',
        ]) }} as marker,
        reasons.account_id,
        accounts.record_id,
        accounts.owner_id,
        cast(reasons.reason_key as {{ dbt.type_string() }}) as reason_key,
        reasons.playbook,
        reasons.opened_on,
        reasons.place = 1
        {%- if playbooks %}
            and reasons.playbook in ('{{ playbooks | join("', '") }}')
        {%- endif %} as is_wanted,
        left(
            {{ sentence_case('reasons.playbook') }} || ': ' || accounts.account_name, 255
        ) as subject,
        left(
            reasons.reason || e'.\n\nBy ' || reasons.channel || e':\n'
            || {{ playbook_text('reasons.message') }} || e'\n\n' || summaries.report_url,
            4000
        ) as body,
        {{ add_days(as_of(), 1 + var('task_due_days')) }} as due_on,
        case when reasons.is_urgent then 'high' else 'normal' end as priority,
        {{ as_of() }} as as_of_date,
        cast(row_number() over (
            order by
                reasons.priority asc, actions.expected_arr_saved desc, reasons.account_id asc,
                reasons.reason_key asc
        ) as integer) as place
    from reasons
    inner join accounts on reasons.account_id = accounts.account_id
    inner join actions on reasons.account_id = actions.account_id
    inner join summaries on reasons.account_id = summaries.account_id
)

select * from final
