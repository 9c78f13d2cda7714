{{ config(materialized='view') }}

-- Who owns each account's record in each CRM today, by the CRM's own ids.
{% set columns = {
    'source': 'text',
    'source_object': 'text',
    'source_id': 'text',
    'owner_id': 'text',
} %}

with final as (
    {{ union_enabled('int_account__{source}', sources_of('crm'), columns) }}
)

select * from final
