-- Domains that the accounts claim as their own, in the record that makes them accounts. A deleted
-- account claims one only while no living one does.
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

final as (
    select
        domain,
        count(*) as claiming_accounts,
        case when count(*) = 1 then min(account_id) end as account_id
    from ranked
    where is_living or has_living = 0
    group by domain
)

select * from final
