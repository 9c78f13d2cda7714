-- The record of each account in the CRM that scores go to, and who owns it there. One in the CRM's
-- recycle bin takes no tasks.
with accounts as (
    select * from {{ ref('dim_account') }}
    where not is_deleted
),

links as (
    select * from {{ ref('account_source_link') }}
    where source = '{{ var("crm") }}' and match_rule = 'anchor'
),

owners as (
    select * from {{ ref('int_account__owner') }}
),

final as (
    select
        accounts.account_id,
        accounts.account_name,
        links.source_id as record_id,
        owners.owner_id
    from accounts
    inner join links on accounts.account_id = links.account_id
    left outer join owners
        on
            links.source = owners.source
            and links.source_object = owners.source_object
            and links.source_id = owners.source_id
)

select * from final
