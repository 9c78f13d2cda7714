-- Which accounts a domain speaks for: who claims it, and whose people use it. A domain on which
-- people of several accounts live, or that several accounts claim, speaks for nobody: it is a
-- reseller's, an agency's or a group's. One stray person in ten is taken for an error.
with claimed_domain as (
    select * from {{ ref('int_identity__claimed_domain') }}
),

people as (
    select
        domain,
        account_id,
        count(*) as people
    from {{ ref('int_identity__person_account') }}
    where domain is not null
    group by domain, account_id
),

used as (
    select
        domain,
        account_id,
        people,
        sum(people) over (partition by domain) as all_people,
        row_number() over (partition by domain order by people desc, account_id asc) as place
    from people
),

gathered as (
    select
        coalesce(claimed_domain.domain, used.domain) as domain,
        claimed_domain.account_id as claimed_by,
        coalesce(claimed_domain.claiming_accounts, 0) as claiming_accounts,
        coalesce(claimed_domain.account_id, used.account_id) as account_id,
        coalesce(used.all_people, 0) as all_people
    from claimed_domain
    full outer join used
        on claimed_domain.domain = used.domain and used.place = 1
    where coalesce(used.place, 1) = 1
),

counted as (
    select
        gathered.domain,
        gathered.account_id,
        gathered.claimed_by,
        gathered.claiming_accounts,
        cast(gathered.all_people as {{ data_type('integer') }}) as all_people,
        cast(coalesce(used.people, 0) as {{ data_type('integer') }}) as own_people
    from gathered
    left outer join used
        on gathered.domain = used.domain and gathered.account_id = used.account_id
),

final as (
    select
        counted.domain,
        counted.account_id,
        counted.claiming_accounts,
        counted.own_people,
        counted.all_people,
        case
            when free_mail_domain.domain is not null then 'free mail'
            when shared_domain.domain is not null then coalesce(shared_domain.kind, 'shared')
            when counted.claiming_accounts > 1 then 'claimed by several accounts'
            when
                counted.all_people - counted.own_people >= 2
                or (counted.all_people - counted.own_people) * 10 > counted.all_people
                then 'used by people of several accounts'
            when counted.claimed_by is not null and counted.own_people > 0 then 'verified'
            when counted.claimed_by is not null then 'claimed'
            when counted.own_people >= 2 then 'used'
            else 'too little known'
        end as verdict
    from counted
    left outer join {{ ref('free_mail_domain') }} as free_mail_domain
        on counted.domain = free_mail_domain.domain
    left outer join {{ ref('shared_domain') }} as shared_domain
        on counted.domain = lower(trim(shared_domain.domain))
)

select * from final
