-- Overdue and late invoices on each day. An invoice is overdue from the day after it was due until
-- it is paid or voided; a payment after the day changes nothing on the day.
with calendar as (
    select
        account_id,
        as_of_date
    from {{ ref('int_account__calendar') }}
),

calendar_start as (
    select
        account_id,
        min(as_of_date) as start_date
    from calendar
    group by account_id
),

invoices as (
    select
        invoice.account_id,
        invoice.issued_on,
        greatest({{ add_days('invoice.due_on', 1) }}, invoice.issued_on) as overdue_from,
        least(invoice.paid_on, invoice.voided_on) as settled_on
    from {{ ref('int_revenue__invoice') }} as invoice
    where invoice.account_id is not null and invoice.amount > 0
),

overdue as (
    select
        invoices.account_id,
        invoices.settled_on,
        greatest(invoices.overdue_from, calendar_start.start_date) as overdue_from
    from invoices
    inner join calendar_start on invoices.account_id = calendar_start.account_id
    where
        invoices.overdue_from is not null
        and (invoices.settled_on is null or invoices.settled_on > invoices.overdue_from)
        and (invoices.settled_on is null or invoices.settled_on > calendar_start.start_date)
),

changes as (
    select
        account_id,
        overdue_from as change_date,
        1 as overdue_change,
        1 as late,
        0 as issued
    from overdue
    union all
    select
        account_id,
        settled_on as change_date,
        -1 as overdue_change,
        0 as late,
        0 as issued
    from overdue
    where settled_on is not null
    union all
    select
        account_id,
        issued_on as change_date,
        0 as overdue_change,
        0 as late,
        1 as issued
    from invoices
),

daily as (
    select
        account_id,
        change_date,
        sum(overdue_change) as overdue_change,
        sum(late) as late,
        sum(issued) as issued
    from changes
    group by account_id, change_date
),

final as (
    select
        calendar.account_id,
        calendar.as_of_date,
        cast(coalesce(sum(daily.overdue_change) over until_now, 0) as integer) as invoices_overdue,
        cast(coalesce(sum(daily.late) over last_180, 0) as integer) as late_invoices_180d,
        cast(coalesce(sum(daily.issued) over until_now, 0) as integer) as invoices_issued
    from calendar
    left outer join daily
        on calendar.account_id = daily.account_id and calendar.as_of_date = daily.change_date
    window
        until_now as (
            partition by calendar.account_id order by calendar.as_of_date
            rows between unbounded preceding and current row
        ),
        last_180 as (
            partition by calendar.account_id order by calendar.as_of_date
            rows between 179 preceding and current row
        )
)

select * from final
