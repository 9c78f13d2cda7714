-- What domain and people say of a record. A name links nothing, but it speaks against a link: a
-- record that bears another account's name, and not that of the account which its domain or people
-- say, is where somebody acts for somebody else, as a reseller pays or opens a desk for a client.
with source_account as (
    select
        *,
        {{ comparable_name('account_name') }} as name_key
    from {{ ref('int_identity__source_account') }}
),

-- A record that was merged away gives its account its name too.
account_names as (
    select
        {{ account_key('source', 'source_object', 'anchor_source_id') }} as account_id,
        {{ comparable_name('account_name') }} as name_key
    from {{ ref('int_identity__anchor_record') }}
),

said as (
    select
        source_account.source,
        source_account.source_object,
        source_account.source_id,
        domain_owner.account_id,
        'domain' as match_rule,
        domain_owner.confidence,
        domain_owner.evidence
    from source_account
    inner join {{ ref('int_identity__domain_owner') }} as domain_owner
        on source_account.domain = domain_owner.domain
    union all
    select
        source,
        source_object,
        source_id,
        account_id,
        'people' as match_rule,
        confidence,
        evidence
    from {{ ref('int_identity__people_vote') }}
),

named as (
    select
        source_account.source,
        source_account.source_object,
        source_account.source_id,
        account_names.account_id
    from source_account
    inner join account_names
        on source_account.name_key = account_names.name_key
),

final as (
    select
        said.source,
        said.source_object,
        said.source_id,
        said.account_id,
        said.match_rule,
        said.confidence,
        said.evidence,
        count(named.account_id) > 0
        and sum(case when named.account_id = said.account_id then 1 else 0 end) = 0
            as is_named_like_another
    from said
    left outer join named
        on
            said.source = named.source
            and said.source_object = named.source_object
            and said.source_id = named.source_id
    group by
        said.source,
        said.source_object,
        said.source_id,
        said.account_id,
        said.match_rule,
        said.confidence,
        said.evidence
)

select * from final
