-- The last whole day that the sources of each kind have told of: the day before their last sync
-- that succeeded, of the source that lags most. Null where none was ever synced.
-- What lies behind the run's date does not matter to it.
{% set kinds = ['usage', 'support', 'billing', 'crm'] %}

with syncs as (
    select
        source,
        least({{ add_days(date_in_reporting_tz('last_synced_at'), -1) }}, {{ as_of() }})
            as read_until
    from {{ ref('stg_operations__source_sync') }}
),

final as (
    select
        {% for kind in kinds -%}
            min(
                case
                    when {{ in_sources('source', enabled_sources(sources_of(kind))) }}
                        then read_until
                end
            ) as {{ kind }}_until,
        {% endfor -%}
        1 as evidence_key
    from syncs
)

select * from final
