{{ config(enabled=source_enabled('stripe'), materialized='view') }}

-- A Stripe customer names its account in its metadata, or has the domain of its e-mail address.
with customers as (
    select * from {{ ref('stg_stripe__customer') }}
),

final as (
    select
        'stripe' as source,
        'customer' as source_object,
        customer_id as source_id,
        customer_name as account_name,
        {{ email_domain('email') }} as domain,
        case when salesforce_account_id is not null then 'salesforce' end as explicit_source,
        case when salesforce_account_id is not null then 'Account' end as explicit_object,
        coalesce(salesforce_account_id, account_id) as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        created_at,
        deleted_at
    from customers
)

select * from final
