-- Why what was said of an account's health changed from one date to the next: rows of several dates
-- in a row may be added up, so that every change between two dates is told.
with said as (
    select
        *,
        row_number() over (
            partition by account_id, as_of_date
            order by coalesce(dbt_valid_to, cast('9999-12-31' as {{ data_type('timestamp') }})) desc
        ) as recency
    from {{ ref('snapshot_health') }}
    where
        previous_date is not null
        and as_of_date <= {{ as_of() }}
        and coalesce(dbt_valid_to > dbt_valid_from, true)
),

final as (
    select
        account_id,
        as_of_date,
        previous_date,
        health_score,
        previous_score,
        health_score - previous_score as change,
        health_score - previous_score - weights_part - identity_part - expiry_part as data_part,
        weights_part,
        identity_part,
        expiry_part
    from said
    where recency = 1
)

select
    account_id,
    as_of_date,
    previous_date,
    health_score,
    previous_score,
    change,
    data_part,
    weights_part,
    identity_part,
    expiry_part
from final
