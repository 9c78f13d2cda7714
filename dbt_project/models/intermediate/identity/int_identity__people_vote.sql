-- For records that neither an id nor a domain links: the account of most of their people. A person
-- counts for the account under which the same e-mail address stands elsewhere, if there is one such
-- account only, else for that of the domain. More than half of all people must agree, two at
-- least; for a record that is itself a person, that person.
with records as (
    select
        source_account.source,
        source_account.source_object,
        source_account.source_id
    from {{ ref('int_identity__source_account') }} as source_account
    left outer join {{ ref('int_identity__certain_link') }} as certain_link
        on
            source_account.source = certain_link.source
            and source_account.source_object = certain_link.source_object
            and source_account.source_id = certain_link.source_id
    where certain_link.source_id is null
),

people as (
    select * from {{ ref('int_identity__person') }}
    where email is not null and not is_internal
),

members as (
    select
        records.source,
        records.source_object,
        records.source_id,
        people.email,
        false as is_the_record
    from records
    inner join people
        on
            records.source = people.source
            and records.source_object = people.account_source_object
            and records.source_id = people.account_source_id
    group by records.source, records.source_object, records.source_id, people.email
    union all
    select
        records.source,
        records.source_object,
        records.source_id,
        people.email,
        true as is_the_record
    from records
    inner join people
        on
            records.source = people.source
            and records.source_object = people.person_object
            and records.source_id = people.person_id
    group by records.source, records.source_object, records.source_id, people.email
),

known_addresses as (
    select
        email,
        min(account_id) as account_id
    from {{ ref('int_identity__person_account') }}
    group by email
    having count(*) = 1
),

-- Somebody of a domain that several accounts share stands for none of them, wherever known.
shared_domains as (
    select domain
    from {{ ref('int_identity__domain_evidence') }}
    where
        verdict not in ('free mail', 'verified', 'claimed', 'used', 'too little known')
),

voters as (
    select
        members.source,
        members.source_object,
        members.source_id,
        members.email,
        members.is_the_record,
        case
            when shared_domains.domain is null
                then coalesce(known_addresses.account_id, domain_owner.account_id)
        end as account_id
    from members
    left outer join known_addresses
        on members.email = known_addresses.email
    left outer join shared_domains
        on {{ email_domain('members.email') }} = shared_domains.domain
    left outer join {{ ref('int_identity__domain_owner') }} as domain_owner
        on {{ email_domain('members.email') }} = domain_owner.domain
),

votes as (
    select
        source,
        source_object,
        source_id,
        account_id,
        count(*) as votes,
        max(case when is_the_record then 1 else 0 end) as is_the_record
    from voters
    group by source, source_object, source_id, account_id
),

totals as (
    select
        votes.*,
        sum(votes.votes) over (
            partition by votes.source, votes.source_object, votes.source_id
        ) as people
    from votes
),

final as (
    select
        source,
        source_object,
        source_id,
        account_id,
        0.7 as confidence,
        case
            when is_the_record = 1 then 'the same e-mail address is known with the account'
            else
                cast(votes as varchar) || ' of its ' || cast(people as varchar)
                || ' people are of the account'
        end as evidence
    from totals
    where account_id is not null and votes * 2 > people and (votes >= 2 or is_the_record = 1)
)

select * from final
