{{ config(enabled=source_enabled('intercom'), materialized='view') }}

-- Companies, and the people who are in none or in several: their e-mail domain may still tell the
-- account.
with companies as (
    select * from {{ ref('stg_intercom__company') }}
),

people as (
    select * from {{ ref('stg_intercom__contact') }}
    where first_company_id is null or second_company_id is not null
),

final as (
    select
        'intercom' as source,
        'company' as source_object,
        company_id as source_id,
        company_name as account_name,
        domain,
        cast(null as {{ data_type('text') }}) as explicit_source,
        cast(null as {{ data_type('text') }}) as explicit_object,
        external_id as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        created_at,
        cast(null as {{ data_type('timestamp') }}) as deleted_at
    from companies
    union all
    {{ identity_of_person('intercom', 'contact', 'contact_id', created_at='created_at') }}
    from people
)

select * from final
