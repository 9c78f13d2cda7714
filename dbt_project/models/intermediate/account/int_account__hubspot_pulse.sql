{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_hubspot__company') }}
),

final as (
    select
        {{ record_key(["'hubspot'", "'company'", 'company_id']) }} as record_key,
        'hubspot' as source,
        'company' as source_object,
        company_id as source_id,
        pulse as word,
        pulse_on as given_on
    from accounts
    where pulse is not null and pulse_on is not null
)

select * from final
