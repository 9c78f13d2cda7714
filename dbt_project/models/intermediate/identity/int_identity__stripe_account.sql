{{ config(enabled=source_enabled('stripe'), materialized='view') }}

-- A Stripe customer names its account in its metadata, or has the domain of its e-mail address.
-- Of several ids that it names, that of a CRM which is there counts before one without the name of
-- its system (`account_id`), and that before an id of a CRM which is not there.
{%- set crms = [
    {'source': 'salesforce', 'object': 'Account', 'column': 'salesforce_account_id'},
    {'source': 'hubspot', 'object': 'company', 'column': 'hubspot_company_id'},
    {'source': 'pipedrive', 'object': 'organization', 'column': 'pipedrive_organization_id'},
] -%}
{%- set named = (crms | selectattr('source', 'in', var('sources')) | list)
    + [{'source': none, 'object': none, 'column': 'account_id'}]
    + (crms | rejectattr('source', 'in', var('sources')) | list) %}

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
        {{ first_named(named, 'source') }} as explicit_source,
        {{ first_named(named, 'object') }} as explicit_object,
        coalesce(
            {%- for id in named %}
                {{ id.column }}{{ "," if not loop.last }}
            {%- endfor %}
        ) as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        created_at,
        deleted_at
    from customers
)

select * from final
