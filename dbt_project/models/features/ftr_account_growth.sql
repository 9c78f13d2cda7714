-- What is new at an account at the run's date, in the last 56 days: people, and kinds of action,
-- that had not been seen before. Not known of one whose usage is younger than that.
{% set since = add_days(as_of(), '-56') %}

with customers as (
    select
        account_id,
        as_of_date
    from {{ ref('ftr_account_snapshot') }}
    where is_customer and as_of_date = {{ as_of() }}
),

usage_daily as (
    select * from {{ ref('fct_usage_daily') }}
),

people as (
    select
        account_id,
        source,
        user_id,
        min(usage_date) as first_on
    from usage_daily
    where user_id is not null
    group by account_id, source, user_id
),

kinds as (
    select
        account_id,
        event_name,
        min(usage_date) as first_on
    from usage_daily
    group by account_id, event_name
),

-- Two tools that see the same people see them twice: the one that sees more of them counts.
new_by_source as (
    select
        account_id,
        count(case when first_on > {{ since }} then 1 end) as new_users
    from people
    group by account_id, source
    having min(first_on) <= {{ since }}
),

new_people as (
    select
        account_id,
        max(new_users) as new_users
    from new_by_source
    group by account_id
),

new_kinds as (
    select
        account_id,
        count(case when first_on > {{ since }} then 1 end) as new_event_types
    from kinds
    group by account_id
    having min(first_on) <= {{ since }}
),

final as (
    select
        customers.account_id,
        customers.as_of_date,
        {{ since }} as since_date,
        cast(new_people.new_users as integer) as new_users,
        cast(new_kinds.new_event_types as integer) as new_event_types
    from customers
    left outer join new_people on customers.account_id = new_people.account_id
    left outer join new_kinds on customers.account_id = new_kinds.account_id
)

select * from final
