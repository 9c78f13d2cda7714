-- Every pulse that was ever seen, one for each day for which it was given: the last word for a day
-- counts. The CRM keeps the latest only, so those before it come from snapshots.
with seen as (
    select
        record_key,
        source,
        source_object,
        source_id,
        word,
        given_on,
        dbt_valid_from as seen_at
    from {{ ref('snapshot_pulse') }}
    where coalesce(dbt_valid_to > dbt_valid_from, true)
    union all
    select
        record_key,
        source,
        source_object,
        source_id,
        word,
        given_on,
        cast('9999-12-31' as {{ data_type('timestamp') }}) as seen_at
    from {{ ref('int_account__present_pulse') }}
),

ranked as (
    select
        *,
        row_number() over (partition by record_key, given_on order by seen_at desc) as recency
    from seen
),

final as (
    select
        record_key,
        source,
        source_object,
        source_id,
        word,
        given_on
    from ranked
    where recency = 1
)

select * from final
