{{ config(enabled=source_enabled('hubspot'), materialized='view') }}

with accounts as (
    select * from {{ ref('stg_hubspot__company') }}
),

final as (
    {{ crm_answers('hubspot', 'company', 'company_id') }}
)

select * from final
