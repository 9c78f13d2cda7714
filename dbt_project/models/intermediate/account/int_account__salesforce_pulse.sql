{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_salesforce__account') }}
),

final as (
    select
        {{ record_key(["'salesforce'", "'Account'", 'account_id']) }} as record_key,
        'salesforce' as source,
        'Account' as source_object,
        account_id as source_id,
        pulse as word,
        pulse_on as given_on
    from accounts
    where pulse is not null and pulse_on is not null
)

select * from final
