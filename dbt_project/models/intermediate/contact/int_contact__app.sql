{{ config(enabled=source_enabled('app'), materialized='view') }}

-- Own tables know no contacts of a CRM: the people who log in stand in for them.
with users as (
    select * from {{ ref('stg_app__user') }}
),

final as (
    select
        'app' as source,
        user_id as contact_source_id,
        'account' as account_source_object,
        account_id as account_source_id,
        full_name,
        email,
        'user' as role,
        cast(null as {{ data_type('text') }}) as title,
        false as is_champion,
        created_at,
        cast(null as {{ data_type('timestamp') }}) as deleted_at,
        cast(null as {{ data_type('timestamp') }}) as bounced_at
    from users
)

select * from final
