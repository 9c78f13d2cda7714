-- Links that rest on an id: a decision made by hand, the account's own record, an id that a record
-- names. An id without the name of its system may be another system's by accident: it counts if it
-- is long enough to be unique, or if the domains of both do not speak against it.
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

-- Where the system that the ids come from is not there: the one account that names the same id.
same_id_anchors as (
    select
        source_account.explicit_key,
        min(anchors.account_id) as account_id
    from source_account
    inner join anchors
        on
            source_account.source = anchors.source
            and source_account.source_object = anchors.source_object
            and source_account.source_id = anchors.source_id
    where source_account.explicit_key is not null
    group by source_account.explicit_key
    having count(*) = 1
),

claimed_domain as (
    select * from {{ ref('int_identity__claimed_domain') }}
),

candidates as (
    select
        source_account.source,
        source_account.source_object,
        source_account.source_id,
        source_account.explicit_id,
        source_account.is_linked_by_hand,
        own_anchor.account_id as anchor_account_id,
        named_anchor.account_id as named_account_id,
        same_id_anchors.account_id as same_id_account_id,
        source_account.explicit_source is not null
        or length(source_account.explicit_id) >= {{ unique_id_length() }} as is_sure_id,
        claimed_domain.account_id as claimed_account_id
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
    left outer join same_id_anchors
        on source_account.explicit_key = same_id_anchors.explicit_key
    left outer join claimed_domain
        on source_account.domain = claimed_domain.domain
),

judged as (
    select
        candidates.*,
        coalesce(candidates.named_account_id, candidates.same_id_account_id) as id_account_id,
        candidates.is_linked_by_hand
        or candidates.is_sure_id
        or coalesce(
            candidates.claimed_account_id
            = coalesce(candidates.named_account_id, candidates.same_id_account_id),
            true
        ) as is_believed
    from candidates
),

final as (
    select
        coalesce(anchor_account_id, id_account_id) as account_id,
        source,
        source_object,
        source_id,
        case
            when anchor_account_id is not null then 'anchor'
            when is_linked_by_hand then 'manual'
            else 'explicit_id'
        end as match_rule,
        case when anchor_account_id is null and named_account_id is null then 0.95 else 1.0 end
            as confidence,
        case
            when anchor_account_id is not null then 'the record that makes the account'
            when is_linked_by_hand then 'linked by hand to ' || explicit_id
            when named_account_id is not null then 'names the id ' || explicit_id
            else 'names the same id as the account: ' || explicit_id
        end as evidence
    from judged
    where anchor_account_id is not null or (id_account_id is not null and is_believed)
)

select * from final
