-- How many records of each kind belong to no account, so that nothing is dropped in silence.
with source_account as (
    select * from {{ ref('int_identity__source_account') }}
),

facts as (
    select
        source,
        'subscription' as source_object,
        account_id
    from {{ ref('int_revenue__subscription_period') }}
    union all
    select
        source,
        'invoice' as source_object,
        account_id
    from {{ ref('int_revenue__invoice') }}
    union all
    select
        source,
        'churn_event' as source_object,
        account_id
    from {{ ref('int_revenue__churn_event') }}
    union all
    select
        source,
        'ticket' as source_object,
        account_id
    from {{ ref('int_support__ticket') }}
    union all
    select
        source,
        'touchpoint' as source_object,
        account_id
    from {{ ref('int_touchpoint') }}
    union all
    select
        source,
        'contact' as source_object,
        account_id
    from {{ ref('int_contact') }}
    union all
    select
        source,
        'event' as source_object,
        account_id
    from {{ ref('int_usage__event') }}
),

records as (
    select
        source_account.source,
        'record ' || source_account.source_object as source_object,
        account_link.account_id
    from source_account
    left outer join {{ ref('int_identity__account_link') }} as account_link
        on
            source_account.source = account_link.source
            and source_account.source_object = account_link.source_object
            and source_account.source_id = account_link.source_id
),

everything as (
    select
        source,
        source_object,
        account_id
    from facts
    union all
    select
        source,
        source_object,
        account_id
    from records
),

final as (
    select
        {{ record_key(['source', 'source_object']) }} as unmatched_record_id,
        source,
        source_object,
        count(*) as records,
        sum(case when account_id is null then 1 else 0 end) as unmatched_records
    from everything
    group by source, source_object
)

select * from final
