-- What people answered on their accounts in the CRM, each from the day on which it was first seen
-- to the day on which it was gone. A CRM keeps the latest answer only, and not since when.
with seen as (
    select * from {{ ref('snapshot_answer') }}
    where coalesce(dbt_valid_to > dbt_valid_from, true)
),

accounts as (
    select * from {{ ref('int_identity__anchor') }}
),

final as (
    select
        {{ record_key([
            'seen.record_key', 'cast(seen.dbt_valid_from as ' ~ dbt.type_string() ~ ')',
        ]) }} as answer_id,
        accounts.account_id,
        seen.source,
        seen.question,
        seen.word,
        seen.points,
        seen.reason,
        seen.expires_on,
        seen.dbt_valid_from as given_at,
        {{ date_in_reporting_tz('seen.dbt_valid_from') }} as given_on,
        {{ date_in_reporting_tz('seen.dbt_valid_to') }} as ended_on
    from seen
    inner join accounts
        on
            seen.source = accounts.source
            and seen.source_object = accounts.source_object
            and seen.source_id = accounts.source_id
)

select * from final
where given_on <= {{ as_of() }}
