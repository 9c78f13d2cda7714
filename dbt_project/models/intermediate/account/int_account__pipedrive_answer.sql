{{ config(enabled=source_enabled('pipedrive'), materialized='view') }}

-- Pipedrive names a company's own fields by keys that only it has, and an option by its number.
with organizations as (
    select * from {{ ref('stg_pipedrive__organization') }}
    where deleted_at is null
),

fields as (
    select * from {{ ref('stg_pipedrive__organization_field') }}
    where
        field_name in (
            'Copilot Feedback',
            'Copilot Override Score',
            'Copilot Override Reason',
            'Copilot Override Expires'
        )
),

options as (
    select
        fields.field_key,
        {{ json_path_text('listed.item', ['id']) }} as option_id,
        {{ json_path_text('listed.item', ['label']) }} as label
    from fields
    cross join {{ json_elements('fields.options', 'listed', 'item') }}
),

given as (
    select
        organizations.organization_id,
        fields.field_key,
        fields.field_name,
        nullif(trim({{ json_text_of('organizations.custom_fields', 'fields.field_key') }}), '')
            as given_value
    from organizations
    cross join fields
),

worded as (
    select
        given.organization_id,
        given.field_name,
        coalesce(options.label, given.given_value) as given_value
    from given
    left outer join options
        on
            given.field_key = options.field_key
            and given.given_value = options.option_id
),

accounts as (
    select
        organization_id,
        lower(max(case when field_name = 'Copilot Feedback' then given_value end)) as verdict,
        cast(
            max(case when field_name = 'Copilot Override Score' then given_value end)
            as {{ data_type('number') }}
        ) as override_points,
        max(case when field_name = 'Copilot Override Reason' then given_value end)
            as override_reason,
        cast(
            max(case when field_name = 'Copilot Override Expires' then given_value end)
            as {{ data_type('date') }}
        ) as override_expires_on
    from worded
    group by organization_id
),

final as (
    select
        {{ record_key(["'pipedrive'", "'organization'", 'organization_id', "'verdict'"]) }}
            as record_key,
        'pipedrive' as source,
        'organization' as source_object,
        organization_id as source_id,
        'verdict' as question,
        verdict as word,
        cast(null as {{ data_type('number') }}) as points,
        cast(null as {{ data_type('text') }}) as reason,
        cast(null as {{ data_type('date') }}) as expires_on
    from accounts
    where verdict is not null
    union all
    select
        {{ record_key(["'pipedrive'", "'organization'", 'organization_id', "'override'"]) }}
            as record_key,
        'pipedrive' as source,
        'organization' as source_object,
        organization_id as source_id,
        'override' as question,
        cast(null as {{ data_type('text') }}) as word,
        override_points as points,
        override_reason as reason,
        override_expires_on as expires_on
    from accounts
    where override_points is not null
)

select * from final
