-- Which account each source record belongs to, by the first rule that says one, in this order: a
-- decision made by hand, the account's own record, an id (all certain_link), the domain, the
-- account of most of the record's people. What was unlinked by hand is not linked to that account
-- by any rule. A record that no rule matches is not here; int_identity__unmatched_account lists it.
with source_account as (
    select * from {{ ref('int_identity__source_account') }}
),

certain_link as (
    select * from {{ ref('int_identity__certain_link') }}
),

domain_owner as (
    select * from {{ ref('int_identity__domain_owner') }}
),

people_vote as (
    select * from {{ ref('int_identity__people_vote') }}
),

ruled as (
    select
        source,
        source_object,
        source_id,
        account_id,
        match_rule,
        confidence,
        evidence,
        1 as place
    from certain_link
    union all
    select
        source_account.source,
        source_account.source_object,
        source_account.source_id,
        domain_owner.account_id,
        'domain' as match_rule,
        domain_owner.confidence,
        domain_owner.evidence,
        2 as place
    from source_account
    inner join domain_owner
        on source_account.domain = domain_owner.domain
    union all
    select
        source,
        source_object,
        source_id,
        account_id,
        'people' as match_rule,
        confidence,
        evidence,
        3 as place
    from people_vote
),

unlinked as (
    select
        account_link.source,
        account_link.source_object,
        account_link.source_id,
        named.anchor_source_id,
        nullif(trim(account_link.account_source_id), '') is null as is_from_all
    from {{ ref('account_link') }} as account_link
    left outer join {{ ref('int_identity__anchor_record') }} as named
        on {{ identity_key('trim(account_link.account_source_id)') }} = named.record_key
    where account_link.action = 'unlink'
),

allowed as (
    select
        ruled.*,
        row_number() over (
            partition by ruled.source, ruled.source_object, ruled.source_id
            order by ruled.place
        ) as rank_of_rule
    from ruled
    where
        ruled.match_rule in ('anchor', 'manual')
        or not exists (
            select 1
            from unlinked
            where
                unlinked.source = ruled.source
                and unlinked.source_object = ruled.source_object
                and unlinked.source_id = ruled.source_id
                and (
                    unlinked.is_from_all
                    or ruled.account_id = {{ account_key(
                        "'" ~ anchor_source() ~ "'",
                        "'" ~ anchor_object() ~ "'",
                        'unlinked.anchor_source_id'
                    ) }}
                )
        )
),

final as (
    select
        account_id,
        source,
        source_object,
        source_id,
        match_rule,
        confidence,
        evidence
    from allowed
    where rank_of_rule = 1
)

select * from final
