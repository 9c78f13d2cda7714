{{ config(enabled=source_enabled('amplitude')) }}

-- Logins, read off all events once. One that is seen with several companies belongs to none of
-- them.
with final as (
    select
        'amplitude' as source,
        'user' as person_object,
        user_id as person_id,
        case when count(distinct company_id) = 1 then 'company' end as account_source_object,
        case when count(distinct company_id) = 1 then max(company_id) end as account_source_id,
        max(email) as email,
        false as is_internal
    from {{ ref('stg_amplitude__event') }}
    where user_id is not null
    group by user_id
)

select * from final
