{{ config(enabled=source_enabled('google_analytics')) }}

-- A company is known by its id alone: the reports hold no people and no e-mail addresses.
with companies as (
    select company_id
    from {{ ref('stg_google_analytics__daily_event') }}
    where company_id is not null
    group by company_id
),

final as (
    select
        'google_analytics' as source,
        'company' as source_object,
        company_id as source_id,
        cast(null as {{ data_type('text') }}) as account_name,
        cast(null as {{ data_type('text') }}) as domain,
        cast(null as {{ data_type('text') }}) as explicit_source,
        cast(null as {{ data_type('text') }}) as explicit_object,
        company_id as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        cast(null as {{ data_type('timestamp') }}) as created_at,
        cast(null as {{ data_type('timestamp') }}) as deleted_at
    from companies
)

select * from final
