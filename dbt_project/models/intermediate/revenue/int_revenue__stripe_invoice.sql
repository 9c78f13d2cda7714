{{ config(enabled=source_enabled('stripe'), materialized='view') }}

-- An invoice that is charged by itself is due on the day it is issued.
with invoices as (
    select * from {{ ref('stg_stripe__invoice') }}
),

final as (
    select
        'stripe' as source,
        invoice_id,
        'customer' as account_source_object,
        customer_id as account_source_id,
        total as amount,
        currency,
        {{ date_in_reporting_tz('created_at') }} as issued_on,
        {{ date_in_reporting_tz('coalesce(due_at, created_at)') }} as due_on,
        {{ date_in_reporting_tz('paid_at') }} as paid_on,
        {{ date_in_reporting_tz('voided_at') }} as voided_on,
        created_at as known_at
    from invoices
)

select * from final
