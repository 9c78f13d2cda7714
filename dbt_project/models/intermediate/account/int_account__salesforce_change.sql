{{ config(enabled=source_enabled('salesforce'), materialized='view') }}

-- Of a changed reference the row with the ids counts; an owner goes by the e-mail address.
with changes as (
    select * from {{ ref('stg_salesforce__account_change') }}
),

owners as (
    select * from {{ ref('stg_salesforce__user') }}
),

named as (
    select
        account_id,
        account_change_id,
        changed_at,
        case field
            when 'Owner' then 'owner'
            when 'Segment__c' then 'segment'
            when 'Type' then 'stage'
            when 'Industry' then 'industry'
            when 'Website' then 'domain'
            when 'Name' then 'name'
            when 'Parent' then 'parent'
        end as field,
        case when field = 'Website' then {{ web_domain('old_value') }} else old_value end
            as old_value,
        case when field = 'Website' then {{ web_domain('new_value') }} else new_value end
            as new_value
    from changes
    where field not in ('Owner', 'Parent') or data_type = 'EntityId'
),

ranked as (
    select
        *,
        row_number() over (
            partition by account_id, field, changed_at
            order by account_change_id desc
        ) as recency
    from named
    where field is not null and changed_at is not null
),

final as (
    select
        'salesforce' as source,
        'Account' as source_object,
        ranked.account_id as source_id,
        ranked.field,
        case when ranked.field = 'owner' then old_owner.email else ranked.old_value end
            as old_value,
        case when ranked.field = 'owner' then new_owner.email else ranked.new_value end
            as new_value,
        ranked.changed_at
    from ranked
    left outer join owners as old_owner
        on ranked.field = 'owner' and ranked.old_value = old_owner.user_id
    left outer join owners as new_owner
        on ranked.field = 'owner' and ranked.new_value = new_owner.user_id
    where ranked.recency = 1
)

select * from final
