{{ config(enabled=source_enabled('amplitude')) }}

-- The companies that events name, and the people themselves, for those of their events that name
-- no company: by a company that they name elsewhere, else by their e-mail domain.
with events as (
    select
        user_id,
        company_id,
        max(email) as email
    from {{ ref('stg_amplitude__event') }}
    where company_id is not null or user_id is not null
    group by user_id, company_id
),

companies as (
    select company_id
    from events
    where company_id is not null
    group by company_id
),

people as (
    select
        user_id,
        max(email) as email,
        case when count(distinct company_id) = 1 then max(company_id) end as company_id
    from events
    where user_id is not null
    group by user_id
),

final as (
    select
        'amplitude' as source,
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
    union all
    select
        'amplitude' as source,
        'user' as source_object,
        user_id as source_id,
        cast(null as {{ data_type('text') }}) as account_name,
        {{ email_domain('email') }} as domain,
        cast(null as {{ data_type('text') }}) as explicit_source,
        cast(null as {{ data_type('text') }}) as explicit_object,
        company_id as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        cast(null as {{ data_type('timestamp') }}) as created_at,
        cast(null as {{ data_type('timestamp') }}) as deleted_at
    from people
)

select * from final
