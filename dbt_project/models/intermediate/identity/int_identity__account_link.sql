-- Which account each source record belongs to. Beside what links it by itself (direct_link), an id
-- of the company's own tables leads to the account that the own account belongs to; it goes after
-- the ids that name an account directly, before domain and people. A record that no rule matches is
-- not here; int_identity__unmatched_account lists it.
with direct_link as (
    select * from {{ ref('int_identity__direct_link') }}
),

-- Where own accounts make the accounts, an id of theirs names an account directly.
own_accounts as (
    select * from direct_link
    where source = 'app' and source_object = 'account' and match_rule != 'anchor'
),

through_own_account as (
    select
        own_accounts.account_id,
        source_account.source,
        source_account.source_object,
        source_account.source_id,
        'explicit_id' as match_rule,
        own_accounts.confidence,
        'names the own account ' || own_accounts.source_id || ', which is: '
        || own_accounts.evidence as evidence
    from {{ ref('int_identity__source_account') }} as source_account
    inner join own_accounts
        on
            source_account.explicit_id = own_accounts.source_id
            and source_account.explicit_source is null
    left outer join {{ ref('int_identity__claimed_domain') }} as claimed_domain
        on source_account.domain = claimed_domain.domain
    where
        length(source_account.explicit_id) >= {{ unique_id_length() }}
        or coalesce(claimed_domain.account_id = own_accounts.account_id, true)
),

ruled as (
    select
        account_id,
        source,
        source_object,
        source_id,
        match_rule,
        confidence,
        evidence,
        case when match_rule in ('domain', 'people') then 3 else 1 end as place
    from direct_link
    union all
    select
        account_id,
        source,
        source_object,
        source_id,
        match_rule,
        confidence,
        evidence,
        2 as place
    from through_own_account
    where {{ is_not_unlinked('through_own_account') }}
),

ranked as (
    select
        ruled.*,
        row_number() over (
            partition by ruled.source, ruled.source_object, ruled.source_id
            order by ruled.place
        ) as rank_of_rule
    from ruled
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
    from ranked
    where rank_of_rule = 1
)

select * from final
