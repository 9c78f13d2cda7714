-- What the CRM and the own tables say about the organisations they hold.
{% set columns = {
    'source': 'text',
    'source_object': 'text',
    'source_id': 'text',
    'account_name': 'text',
    'domain': 'text',
    'segment': 'text',
    'industry': 'text',
    'country': 'text',
    'csm_name': 'text',
    'csm_email': 'text',
    'created_at': 'timestamp',
    'deleted_at': 'timestamp',
} %}

with final as (
    {{ union_enabled('int_account__{source}', sources_of('crm') + ['app'], columns) }}
)

select * from final
