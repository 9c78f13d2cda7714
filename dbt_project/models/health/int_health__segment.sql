{{ config(materialized='view') }}

-- Which segment an account was in, and from which day until which, as far as its source has a
-- history. Empty unless a rule asks for segments, so that the score does not depend on them.
with accounts as (
    select * from {{ ref('int_identity__anchor') }}
),

history as (
    select * from {{ ref('int_account__attribute_history') }}
    where field = 'segment' and {{ 'true' if health_knows_segments() else 'false' }}
),

final as (
    select
        accounts.account_id,
        history.value as segment,
        {{ date_in_reporting_tz('history.valid_from') }} as valid_from_date,
        coalesce(
            {{ date_in_reporting_tz('history.valid_to') }}, cast('9999-12-31' as date)
        ) as valid_to_date
    from accounts
    inner join history
        on
            accounts.source = history.source
            and accounts.source_object = history.source_object
            and accounts.source_id = history.source_id
    where
        history.value is not null
        and coalesce(
            {{ date_in_reporting_tz('history.valid_from') }}
            < {{ date_in_reporting_tz('history.valid_to') }},
            true
        )
)

select * from final
