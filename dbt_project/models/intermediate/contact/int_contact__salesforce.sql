{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

with contacts as (
    select * from {{ ref('stg_salesforce__contact') }}
),

final as (
    select
        'salesforce' as source,
        contact_id as contact_source_id,
        'Account' as account_source_object,
        account_id as account_source_id,
        full_name,
        email,
        role,
        title,
        coalesce(role like '%champion%', false) as is_champion,
        created_at,
        deleted_at,
        bounced_at
    from contacts
)

select * from final
