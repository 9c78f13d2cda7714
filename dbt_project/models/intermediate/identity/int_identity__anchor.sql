-- The records that are accounts: those of the best source enabled, in the order CRM account, own
-- tables, Stripe customer, Zendesk organisation. A deleted one stays an account: history stays.
with source_account as (
    select * from {{ ref('int_identity__source_account') }}
),

final as (
    select
        {{ account_key('source', 'source_object', 'source_id') }} as account_id,
        source,
        source_object,
        source_id,
        record_key,
        account_name,
        domain,
        is_free_mail,
        parent_source_id,
        created_at,
        deleted_at
    from source_account
    where source = '{{ anchor_source() }}' and source_object = '{{ anchor_object() }}'
)

select * from final
