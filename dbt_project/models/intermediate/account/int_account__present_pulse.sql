{{ config(materialized='view') }}

-- What CSMs say of their accounts today, where the CRM or the own tables have such a picklist. One
-- without its date says nothing: nobody could tell how old it is.
{% set columns = {
    'record_key': 'text',
    'source': 'text',
    'source_object': 'text',
    'source_id': 'text',
    'word': 'text',
    'given_on': 'date',
} %}

with final as (
    {{ union_enabled('int_account__{source}_pulse', ['salesforce', 'hubspot', 'app'], columns) }}
)

select * from final
