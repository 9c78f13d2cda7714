{{ config(enabled=source_enabled('app'), materialized='view') }}

with invoices as (
    select * from {{ ref('stg_app__invoice') }}
),

final as (
    select
        'app' as source,
        invoice_id,
        'account' as account_source_object,
        account_id as account_source_id,
        amount,
        coalesce(currency, '{{ var("reporting_currency") }}') as currency,
        issued_on,
        due_on,
        paid_on,
        cast(null as {{ data_type('date') }}) as voided_on,
        {{ start_of_reporting_day('issued_on') }} as known_at
    from invoices
)

select * from final
