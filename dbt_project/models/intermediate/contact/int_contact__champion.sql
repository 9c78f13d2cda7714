-- Who championed the product at which account, since when, and the day on which that was over: the
-- person was deleted in the CRM or has vanished from it, mail comes back, the role has changed, or
-- the person belongs to another account. Who is a champion today is in the CRM; that somebody was
-- one, only the snapshots know.
with contacts as (
    select * from {{ ref('int_contact') }}
),

versions as (
    select
        snapshot_contact.record_key as contact_id,
        snapshot_contact.is_champion,
        case
            when snapshot_contact.account_source_id is null then contacts.account_id
            else account_link.account_id
        end as account_id,
        {{ date_in_reporting_tz('snapshot_contact.dbt_valid_from') }} as from_date,
        case
            when {{ date_in_reporting_tz('snapshot_contact.dbt_valid_to') }} <= {{ as_of() }}
                then {{ date_in_reporting_tz('snapshot_contact.dbt_valid_to') }}
        end as to_date
    from {{ ref('snapshot_contact') }} as snapshot_contact
    left outer join contacts on snapshot_contact.record_key = contacts.contact_id
    {{ join_account_link('snapshot_contact') }}
    where
        {{ date_in_reporting_tz('snapshot_contact.dbt_valid_from') }} <= {{ as_of() }}
        and coalesce(snapshot_contact.dbt_valid_to > snapshot_contact.dbt_valid_from, true)
),

seen_as_another as (
    select
        contact_id,
        min(from_date) as from_date
    from versions
    where not coalesce(is_champion, false)
    group by contact_id
),

seen as (
    select
        contact_id,
        account_id,
        min(from_date) as from_date,
        max(to_date) as to_date,
        max(case when to_date is null then 1 else 0 end) as is_open
    from versions
    where is_champion and account_id is not null
    group by contact_id, account_id
),

present as (
    select
        contact_id,
        account_id,
        coalesce({{ date_in_reporting_tz('created_at') }}, {{ as_of() }}) as created_date,
        least({{ date_in_reporting_tz('deleted_at') }}, {{ date_in_reporting_tz('bounced_at') }})
            as gone_on
    from contacts
    where is_champion and account_id is not null
),

people as (
    select
        contact_id,
        account_id
    from seen
    union
    select
        contact_id,
        account_id
    from present
),

final as (
    select
        people.contact_id,
        people.account_id,
        case
            when seen_as_another.from_date < seen.from_date then seen.from_date
            else least(present.created_date, seen.from_date)
        end as since_date,
        case
            when present.contact_id is not null
                then case when present.gone_on <= {{ as_of() }} then present.gone_on end
            when seen.is_open = 0 then seen.to_date
        end as gone_on
    from people
    left outer join seen
        on people.contact_id = seen.contact_id and people.account_id = seen.account_id
    left outer join present
        on people.contact_id = present.contact_id and people.account_id = present.account_id
    left outer join seen_as_another on people.contact_id = seen_as_another.contact_id
)

select * from final
