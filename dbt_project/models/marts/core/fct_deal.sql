with deals as (
    select * from {{ ref('int_deal') }}
),

final as (
    select
        deal_id,
        account_id,
        source,
        deal_source_id as source_deal_id,
        deal_name,
        deal_type,
        stage,
        cast(amount as numeric) as amount,
        currency,
        close_date,
        is_closed,
        is_won,
        owner_email,
        created_at
    from deals
    where
        deleted_at is null
        and {{ date_in_reporting_tz('created_at') }} <= {{ as_of() }}
)

select * from final
