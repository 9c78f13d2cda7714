-- Domains that speak for exactly one account, and how surely.
with domain_evidence as (
    select * from {{ ref('int_identity__domain_evidence') }}
),

final as (
    select
        domain,
        account_id,
        case verdict when 'verified' then 0.9 when 'claimed' then 0.8 else 0.75 end as confidence,
        'domain ' || domain || case verdict
            when 'claimed' then ', claimed by the account'
            when 'verified'
                then
                    ', claimed by the account and used by ' || cast(own_people as varchar)
                    || ' of its people'
            else ', used by ' || cast(own_people as varchar) || ' people of the account alone'
        end as evidence
    from domain_evidence
    where verdict in ('verified', 'claimed', 'used')
)

select * from final
