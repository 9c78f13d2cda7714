-- Which account each source record belongs to, and by which rule: it is the account's own record
-- (anchor), it names the account (explicit_id), or it alone shares the account's domain (domain).
-- A record that no rule matches is not here; int_identity__unmatched_record counts it.
with source_account as (
    select * from {{ ref('int_identity__source_account') }}
),

anchors as (
    select * from {{ ref('int_identity__anchor') }}
),

named_anchors as (
    select
        source,
        source_object,
        record_key,
        {{ account_key('source', 'source_object', 'anchor_source_id') }} as account_id
    from {{ ref('int_identity__anchor_record') }}
),

domain_owner as (
    select * from {{ ref('int_identity__domain_owner') }}
),

matched as (
    select
        source_account.source,
        source_account.source_object,
        source_account.source_id,
        own_anchor.account_id as anchor_account_id,
        named_anchor.account_id as explicit_account_id,
        domain_owner.account_id as domain_account_id
    from source_account
    left outer join anchors as own_anchor
        on
            source_account.source = own_anchor.source
            and source_account.source_object = own_anchor.source_object
            and source_account.source_id = own_anchor.source_id
    left outer join named_anchors as named_anchor
        on
            source_account.explicit_key = named_anchor.record_key
            and coalesce(source_account.explicit_source, named_anchor.source)
            = named_anchor.source
            and coalesce(source_account.explicit_object, named_anchor.source_object)
            = named_anchor.source_object
    left outer join domain_owner
        on source_account.domain = domain_owner.domain
),

final as (
    select
        coalesce(anchor_account_id, explicit_account_id, domain_account_id) as account_id,
        source,
        source_object,
        source_id,
        case
            when anchor_account_id is not null then 'anchor'
            when explicit_account_id is not null then 'explicit_id'
            else 'domain'
        end as match_rule,
        case
            when coalesce(anchor_account_id, explicit_account_id) is not null then 1.0
            else 0.8
        end as confidence
    from matched
    where coalesce(anchor_account_id, explicit_account_id, domain_account_id) is not null
)

select * from final
