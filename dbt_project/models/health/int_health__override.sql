-- The scores that people set by hand, each from its day to its expiry, its withdrawal, or the next
-- one of the same account, whichever comes first. Of one day, one set by command goes before one in
-- the CRM. One in the CRM counts with a reason and an expiry, and ends when its fields change.
with commanded as (
    select * from {{ ref('stg_operations__health_override') }}
    where set_on <= {{ as_of() }}
),

answered as (
    select * from {{ ref('int_account__answer') }}
    where
        question = 'override'
        and points between 0 and 100
        and reason is not null
        and expires_on > given_on
),

given as (
    select
        override_id,
        account_id,
        health_score,
        reason,
        set_on,
        expires_on,
        withdrawn_on,
        2 as strength
    from commanded
    union all
    select
        answer_id as override_id,
        account_id,
        round(points / 100, 8) as health_score,
        reason,
        given_on as set_on,
        expires_on,
        ended_on as withdrawn_on,
        1 as strength
    from answered
),

accounts as (
    select account_id from {{ ref('int_identity__anchor') }}
),

followed as (
    select
        given.*,
        lead(given.set_on) over (
            partition by given.account_id
            order by given.set_on, given.strength, given.override_id
        ) as replaced_on
    from given
    inner join accounts on given.account_id = accounts.account_id
),

dated as (
    select
        *,
        least(expires_on, withdrawn_on, replaced_on) as valid_to_date
    from followed
),

final as (
    select
        override_id,
        account_id,
        health_score,
        reason,
        set_on as valid_from_date,
        valid_to_date,
        expires_on,
        valid_to_date = expires_on as is_expiring
    from dated
    where set_on < valid_to_date
)

select * from final
