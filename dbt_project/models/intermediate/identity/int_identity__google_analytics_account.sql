{{ config(enabled=source_enabled('google_analytics')) }}

-- A company is known by its id alone: the reports hold no people and no e-mail addresses.
with companies as (
    select company_id
    from {{ ref('stg_google_analytics__daily_event') }}
    where company_id is not null
    group by company_id
),

final as (
    {{ identity_of_named_company('google_analytics') }}
    from companies
)

select * from final
