-- The records that are accounts: those of the best source enabled, in the order CRM account, own
-- tables, Stripe customer, Zendesk organisation. A deleted one stays an account: history stays.
with anchor_record as (
    select * from {{ ref('int_identity__anchor_record') }}
),

final as (
    select
        {{ account_key(
            'anchor_record.source', 'anchor_record.source_object', 'anchor_record.source_id'
        ) }} as account_id,
        anchor_record.source,
        anchor_record.source_object,
        anchor_record.source_id,
        anchor_record.account_name,
        anchor_record.domain,
        anchor_record.is_free_mail,
        -- A parent that was merged away is the one it was merged into, unless that is the child.
        case
            when parents.anchor_source_id != anchor_record.source_id
                then {{ account_key(
                    'parents.source', 'parents.source_object', 'parents.anchor_source_id'
                ) }}
        end as parent_account_id,
        anchor_record.created_at,
        anchor_record.deleted_at
    from anchor_record
    left outer join anchor_record as parents
        on anchor_record.parent_source_id = parents.source_id
    where not anchor_record.is_merged
)

select * from final
