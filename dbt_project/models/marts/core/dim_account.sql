with anchors as (
    select * from {{ ref('int_identity__anchor') }}
    where {{ is_asked_for('account_id') }}
),

attributes as (
    select * from {{ ref('int_account__known_attribute') }}
),

commercial_state as (
    select * from {{ ref('int_account__commercial_state') }}
),

chain_summary as (
    select * from {{ ref('int_account__chain_summary') }}
),

joined as (
    select
        anchors.account_id,
        coalesce(attributes.account_name, anchors.account_name, anchors.source_id)
            as account_name,
        anchors.domain,
        attributes.segment,
        attributes.industry,
        attributes.country,
        attributes.csm_name,
        attributes.csm_email,
        anchors.source as anchor_source,
        anchors.source_object as anchor_object,
        anchors.source_id as anchor_source_id,
        anchors.parent_account_id,
        anchors.created_at,
        coalesce({{ date_in_reporting_tz('anchors.deleted_at') }} <= {{ as_of() }}, false)
            as is_deleted,
        coalesce(chain_summary.is_running, false) as is_running,
        coalesce(commercial_state.has_trial, false) as has_trial,
        coalesce(commercial_state.mrr, 0) as mrr,
        commercial_state.renewal_date,
        commercial_state.longest_term_months,
        coalesce(commercial_state.is_at_notice, false) as is_at_notice,
        chain_summary.first_subscribed_date,
        chain_summary.chain_started_date,
        chain_summary.churned_date
    from anchors
    left outer join attributes
        on
            anchors.source = attributes.source
            and anchors.source_object = attributes.source_object
            and anchors.source_id = attributes.source_id
    left outer join commercial_state
        on anchors.account_id = commercial_state.account_id
    left outer join chain_summary
        on anchors.account_id = chain_summary.account_id
),

final as (
    select
        account_id,
        account_name,
        domain,
        segment,
        industry,
        country,
        csm_name,
        csm_email,
        case
            when is_running
                then {{ running_stage(
                    'mrr = 0',
                    'is_at_notice',
                    days_between('chain_started_date', as_of()),
                    'longest_term_months',
                    days_between(as_of(), 'renewal_date')
                ) }}
            when churned_date is not null then 'gone'
            when has_trial then 'trial'
            else 'prospect'
        end as lifecycle_stage,
        is_running and not is_deleted as is_active,
        is_deleted,
        cast(mrr as numeric) as mrr,
        cast(mrr * 12 as numeric) as arr,
        renewal_date,
        first_subscribed_date,
        churned_date,
        anchor_source,
        anchor_object,
        anchor_source_id,
        parent_account_id,
        created_at
    from joined
)

select * from final
