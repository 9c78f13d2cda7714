-- The records that are accounts: those of the best source enabled, in the order CRM account, own
-- tables, Stripe customer, Zendesk organisation. A deleted one stays an account: history stays.
with anchor_record as (
    select * from {{ ref('int_identity__anchor_record') }}
),

final as (
    select
        {{ account_key('source', 'source_object', 'source_id') }} as account_id,
        source,
        source_object,
        source_id,
        account_name,
        domain,
        is_free_mail,
        parent_source_id,
        created_at,
        deleted_at
    from anchor_record
    where not is_merged
)

select * from final
