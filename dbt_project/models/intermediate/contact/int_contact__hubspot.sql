{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

with contacts as (
    select * from {{ ref('stg_hubspot__contact') }}
),

final as (
    select
        'hubspot' as source,
        contact_id as contact_source_id,
        'company' as account_source_object,
        company_id as account_source_id,
        full_name,
        email,
        role,
        title,
        -- Since when mail comes back is not told, so that it is over is known from snapshots.
        coalesce(role like '%champion%' and not is_bouncing, false) as is_champion,
        created_at,
        deleted_at,
        cast(null as {{ data_type('timestamp') }}) as bounced_at
    from contacts
)

select * from final
