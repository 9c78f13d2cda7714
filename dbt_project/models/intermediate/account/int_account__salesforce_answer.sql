{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_salesforce__account') }}
),

final as (
    {{ crm_answers('salesforce', 'Account', 'account_id') }}
)

select * from final
