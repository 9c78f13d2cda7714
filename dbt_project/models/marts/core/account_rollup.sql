{{ config(materialized='view') }}

-- Accounts with everything below them, at most ten levels; nothing is merged. In a ring of parents
-- each account is its own root.
with recursive accounts as (
    select * from {{ ref('dim_account') }}
),

ancestry as (
    select
        account_id,
        account_id as ancestor_id,
        0 as level_up
    from accounts
    union all
    select
        ancestry.account_id,
        accounts.parent_account_id as ancestor_id,
        ancestry.level_up + 1 as level_up
    from ancestry
    inner join accounts
        on ancestry.ancestor_id = accounts.account_id
    where accounts.parent_account_id is not null and ancestry.level_up < 10
),

rings as (
    select account_id
    from ancestry
    where level_up > 0 and ancestor_id = account_id
    group by account_id
),

members as (
    select
        ancestry.ancestor_id as account_id,
        ancestry.account_id as member_id,
        min(ancestry.level_up) as level_down
    from ancestry
    left outer join rings
        on ancestry.ancestor_id = rings.account_id
    where ancestry.level_up = 0 or rings.account_id is null
    group by ancestry.ancestor_id, ancestry.account_id
),

final as (
    select
        members.account_id,
        own.account_name,
        own.parent_account_id,
        cast(count(*) - 1 as bigint) as accounts_below,
        cast(sum(case when accounts.is_active then 1 else 0 end) as bigint) as active_accounts,
        own.mrr as own_mrr,
        cast(sum(accounts.mrr) as numeric) as mrr,
        cast(sum(accounts.arr) as numeric) as arr
    from members
    inner join accounts
        on members.member_id = accounts.account_id
    inner join accounts as own
        on members.account_id = own.account_id
    group by members.account_id, own.account_name, own.parent_account_id, own.mrr
)

select * from final
