{{ config(materialized='view') }}

-- What the CRM and the own tables say about accounts today, with the records that they name: the
-- one that they were merged into, and their parent.
{% set columns = {
    'source': 'text',
    'source_object': 'text',
    'source_id': 'text',
    'explicit_source': 'text',
    'explicit_object': 'text',
    'explicit_id': 'text',
    'parent_source_id': 'text',
} %}

with attributes as (
    select * from {{ ref('int_account__attribute') }}
),

named as (
    {{ union_enabled('int_identity__{source}_account', sources_of('crm') + ['app'], columns) }}
),

final as (
    select
        {{ record_key(['attributes.source', 'attributes.source_object', 'attributes.source_id']) }}
            as record_key,
        attributes.source,
        attributes.source_object,
        attributes.source_id,
        attributes.account_name,
        attributes.domain,
        attributes.segment,
        attributes.industry,
        attributes.country,
        attributes.csm_name,
        attributes.csm_email,
        named.explicit_source,
        named.explicit_object,
        named.explicit_id,
        named.parent_source_id,
        attributes.created_at,
        attributes.deleted_at
    from attributes
    left outer join named
        on
            attributes.source = named.source
            and attributes.source_object = named.source_object
            and attributes.source_id = named.source_id
)

select * from final
