{{ config(materialized='view') }}

-- What people answer on their accounts in the CRM today.
{% set columns = {
    'record_key': 'text',
    'source': 'text',
    'source_object': 'text',
    'source_id': 'text',
    'question': 'text',
    'word': 'text',
    'points': 'number',
    'reason': 'text',
    'expires_on': 'date',
} %}

with final as (
    {{ union_enabled('int_account__{source}_answer', sources_of('crm'), columns) }}
)

select * from final
