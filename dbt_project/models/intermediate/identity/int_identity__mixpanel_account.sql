{{ config(enabled=source_enabled('mixpanel')) }}

-- The companies that events and people name, and the people themselves, for those of their events
-- that name no company: by the company of their profile, else by their e-mail domain.
with events as (
    select
        distinct_id,
        company_id,
        max(email) as email
    from {{ ref('stg_mixpanel__event') }}
    where company_id is not null or distinct_id is not null
    group by distinct_id, company_id
),

profiles as (
    select
        distinct_id,
        max(email) as email,
        max(company_id) as company_id
    from {{ ref('stg_mixpanel__user') }}
    where distinct_id is not null
    group by distinct_id
),

people as (
    select
        coalesce(events.distinct_id, profiles.distinct_id) as distinct_id,
        coalesce(max(profiles.email), max(events.email)) as email,
        max(profiles.company_id) as company_id
    from events
    full outer join profiles
        on events.distinct_id = profiles.distinct_id
    where coalesce(events.distinct_id, profiles.distinct_id) is not null
    group by coalesce(events.distinct_id, profiles.distinct_id)
),

named_companies as (
    select company_id
    from events
    where company_id is not null
    union all
    select company_id
    from profiles
    where company_id is not null
),

companies as (
    select company_id
    from named_companies
    group by company_id
),

final as (
    {{ identity_of_named_company('mixpanel') }}
    from companies
    union all
    {{ identity_of_person('mixpanel', 'user', 'distinct_id', explicit_id='company_id') }}
    from people
)

select * from final
