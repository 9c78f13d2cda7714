-- Domains that point at exactly one account. Free-mail domains point at nobody; a domain that two
-- accounts share points at neither. A deleted account counts only where no living one has the
-- domain.
with anchors as (
    select * from {{ ref('int_identity__anchor') }}
    where domain is not null and not is_free_mail
),

ranked as (
    select
        account_id,
        domain,
        deleted_at is null as is_living,
        max(case when deleted_at is null then 1 else 0 end) over (partition by domain)
            as has_living
    from anchors
),

candidates as (
    select
        account_id,
        domain
    from ranked
    where is_living or has_living = 0
),

final as (
    select
        domain,
        min(account_id) as account_id
    from candidates
    group by domain
    having count(*) = 1
)

select * from final
