{{ config(materialized='view') }}

-- What the last publish did not bring into the CRM, and why. A view: the reports are made after the
-- publish, and the tables before it.
with ledger as (
    select * from {{ source('ops', 'sync_row') }}
),

remembered as (
    select * from {{ source('ops', 'publish_record') }}
),

-- A task that waits for its owner's next day has failed at nothing.
tasks as (
    select * from {{ source('ops', 'task') }}
),

links as (
    select * from {{ ref('account_source_link') }}
),

account as (
    select * from {{ ref('rpt_account') }}
),

-- What goes between two nights is of a few accounts, and hides nothing of the others.
runs as (
    select
        destination,
        run_id,
        row_number() over (partition by destination order by max(at) desc) as place
    from ledger
    where run_id not like 'soon-%'
    group by destination, run_id
),

final as (
    select
        cast(ledger.destination || '-' || ledger.record_id as varchar) as publish_row_id,
        cast(ledger.destination as varchar) as destination,
        cast(ledger.record_id as varchar) as record_id,
        account.account_id,
        account.account_name,
        account.account_url,
        cast(tasks.subject as varchar) as task_subject,
        cast(
            case
                when ledger.state = 'rejected' then 'refused'
                when
                    ledger.state = 'deferred'
                    and coalesce(tasks.attempts, remembered.attempts) > 0
                    then 'parked'
                when ledger.state = 'deferred' then 'left to the next run'
                else 'not known'
            end as varchar
        ) as state_label,
        coalesce(tasks.attempts, remembered.attempts, 0) as attempts,
        cast(ledger.message as varchar) as message,
        ledger.at as told_at
    from ledger
    inner join runs
        on
            ledger.destination = runs.destination
            and ledger.run_id = runs.run_id
            and runs.place = 1
    left outer join remembered
        on
            ledger.destination = remembered.destination
            and ledger.object = remembered.object
            and ledger.record_id = remembered.record_id
    left outer join links
        on
            ledger.destination = links.source
            and ledger.object = links.source_object
            and ledger.record_id = links.source_id
    left outer join tasks
        on
            ledger.object = 'task'
            and ledger.destination = tasks.destination
            and ledger.record_id = tasks.marker
    left outer join account on coalesce(tasks.account_id, links.account_id) = account.account_id
    where
        ledger.state not in ('applied', 'unchanged')
        and (
            ledger.object != 'task'
            or ledger.state != 'deferred'
            or tasks.attempts > 0
        )
)

select * from final
