{{ config(materialized='view') }}

-- Everybody that a system knows by name, with the record of an organisation that they stand under.
{% set columns = {
    'source': 'text',
    'person_object': 'text',
    'person_id': 'text',
    'account_source_object': 'text',
    'account_source_id': 'text',
    'email': 'text',
    'is_internal': 'boolean',
} %}

with final as (
    {{ union_enabled(
        'int_identity__{source}_person',
        known_sources() | reject('equalto', 'google_analytics') | list,
        columns
    ) }}
)

select * from final
