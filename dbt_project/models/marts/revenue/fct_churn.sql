-- Revenue that was lost, told apart: customers who left by their own decision (voluntary), who left
-- because a bill was never paid (involuntary), who stayed and pay at least a tenth less (partial).
-- A bill due after notice was given says nothing: who leaves often leaves the last one unpaid.
with ends as (
    select
        account_id,
        started_on,
        ended_on
    from {{ ref('int_revenue__account_chain') }}
    where ended_on is not null
),

notices as (
    {{ chain_notices() }}
),

last_paid as (
    select
        ends.account_id,
        ends.ended_on,
        account_day.mrr
    from ends
    inner join {{ ref('int_revenue__account_day') }} as account_day
        on
            ends.account_id = account_day.account_id
            and {{ add_days('ends.ended_on', -1) }} = account_day.as_of_date
),

unpaid as (
    select
        ends.account_id,
        ends.ended_on,
        min(coalesce(invoice.due_on, invoice.issued_on)) as unpaid_since
    from ends
    inner join {{ ref('int_revenue__invoice') }} as invoice
        on
            ends.account_id = invoice.account_id
            and ends.started_on <= invoice.issued_on
            and ends.ended_on >= coalesce(invoice.due_on, invoice.issued_on)
    where
        invoice.amount > 0
        and coalesce(invoice.due_on, invoice.issued_on) >= {{ add_days('ends.ended_on', -180) }}
        and (
            invoice.paid_on is null
            or invoice.paid_on > {{ add_days('ends.ended_on', var('grace_days')) }}
        )
    group by ends.account_id, ends.ended_on
),

left_for_good as (
    select
        ends.account_id,
        case
            when unpaid.unpaid_since <= coalesce(notices.noticed_on, ends.ended_on)
                then 'involuntary'
            else 'voluntary'
        end as kind,
        ends.ended_on as lost_on,
        coalesce(last_paid.mrr, 0) as lost_mrr,
        coalesce(notices.noticed_on, ends.ended_on) as noticed_on,
        unpaid.unpaid_since
    from ends
    left outer join notices
        on ends.account_id = notices.account_id and ends.ended_on = notices.ended_on
    left outer join last_paid
        on ends.account_id = last_paid.account_id and ends.ended_on = last_paid.ended_on
    left outer join unpaid
        on ends.account_id = unpaid.account_id and ends.ended_on = unpaid.ended_on
),

shrunk as (
    select
        account_id,
        'partial' as kind,
        sampled_date as lost_on,
        -contraction_mrr as lost_mrr,
        cast(null as date) as noticed_on,
        cast(null as date) as unpaid_since
    from {{ ref('fct_mrr_movement') }}
    where closing_mrr > 0 and -contraction_mrr * 10 >= opening_mrr and contraction_mrr < 0
),

final as (
    select * from left_for_good
    union all
    select * from shrunk
)

select
    {{ record_key(['account_id', 'kind', 'cast(lost_on as text)']) }} as churn_id,
    account_id,
    cast(kind as text) as kind,
    lost_on as lost_date,
    cast(lost_mrr as numeric) as lost_mrr,
    noticed_on as noticed_date,
    unpaid_since as unpaid_since_date
from final
