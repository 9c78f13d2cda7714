{{ config(enabled=source_enabled('amplitude')) }}

-- The companies that events name, and the people themselves, for those of their events that name
-- no company: by a company that they name elsewhere, else by their e-mail domain.
with companies as (
    select company_id
    from {{ ref('stg_amplitude__event') }}
    where company_id is not null
    group by company_id
),

people as (
    select
        person_id as user_id,
        email,
        account_source_id as company_id
    from {{ ref('int_identity__amplitude_person') }}
),

final as (
    {{ identity_of_named_company('amplitude') }}
    from companies
    union all
    {{ identity_of_person('amplitude', 'user', 'user_id', explicit_id='company_id') }}
    from people
)

select * from final
