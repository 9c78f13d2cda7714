-- Records of organisations and people that belong to no account, with the reason: for somebody to
-- look at, and to decide in the seed account_link.
with source_account as (
    select * from {{ ref('int_identity__source_account') }}
),

decided as (
    select
        source,
        source_object,
        source_id
    from {{ ref('account_link') }}
    where action = 'unlink'
    group by source, source_object, source_id
),

named_like_another as (
    select
        source,
        source_object,
        source_id
    from {{ ref('int_identity__inferred_link') }}
    where is_named_like_another
    group by source, source_object, source_id
),

final as (
    select
        source_account.source,
        source_account.source_object,
        source_account.source_id,
        source_account.account_name,
        source_account.domain,
        source_account.explicit_id,
        source_account.domain is not null
        and not source_account.is_free_mail
        and shared_domain.domain is null
        and coalesce(domain_evidence.verdict != 'used by people of several accounts', true)
            as is_own_domain,
        case
            when decided.source_id is not null then 'unlinked by hand'
            when named_like_another.source_id is not null
                then 'its domain or people say one account, its name another'
            when source_account.explicit_id is not null and source_account.domain is null
                then 'no account has the id that it names'
            when source_account.domain is null then 'names neither an id nor a domain'
            when domain_evidence.domain is null then 'no account has its domain'
            else 'its domain: ' || domain_evidence.verdict
        end as reason
    from source_account
    left outer join {{ ref('int_identity__account_link') }} as linked
        on
            source_account.source = linked.source
            and source_account.source_object = linked.source_object
            and source_account.source_id = linked.source_id
    left outer join {{ ref('int_identity__domain_evidence') }} as domain_evidence
        on source_account.domain = domain_evidence.domain
    left outer join {{ ref('shared_domain') }} as shared_domain
        on source_account.domain = lower(trim(shared_domain.domain))
    left outer join decided
        on
            source_account.source = decided.source
            and source_account.source_object = decided.source_object
            and source_account.source_id = decided.source_id
    left outer join named_like_another
        on
            source_account.source = named_like_another.source
            and source_account.source_object = named_like_another.source_object
            and source_account.source_id = named_like_another.source_id
    where linked.account_id is null
)

select * from final
