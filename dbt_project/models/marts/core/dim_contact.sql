with contacts as (
    select * from {{ ref('int_contact') }}
),

final as (
    select
        contact_id,
        account_id,
        role,
        coalesce(is_champion, false) as is_champion,
        full_name,
        email,
        title,
        source,
        contact_source_id,
        coalesce({{ date_in_reporting_tz('deleted_at') }} > {{ as_of() }}, true) as is_active,
        created_at
    from contacts
    where created_at is null or {{ date_in_reporting_tz('created_at') }} <= {{ as_of() }}
)

select * from final
