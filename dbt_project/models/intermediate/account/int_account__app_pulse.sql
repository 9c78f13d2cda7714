{{ config(enabled=source_enabled('app'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_app__account') }}
),

final as (
    select
        {{ record_key(["'app'", "'account'", 'account_id']) }} as record_key,
        'app' as source,
        'account' as source_object,
        account_id as source_id,
        pulse as word,
        pulse_on as given_on
    from accounts
    where pulse is not null and pulse_on is not null
)

select * from final
