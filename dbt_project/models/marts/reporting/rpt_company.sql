-- What every page says on top: whose figures these are, as of when, and the settings behind them.
with health_band as (
    select * from {{ ref('health_band') }}
),

final as (
    select
        1 as company_key,
        cast('{{ var("company_name") | replace("'", "''") }}' as varchar) as company_name,
        cast({{ 'true' if var("is_synthetic") else 'false' }} as boolean) as is_synthetic,
        {{ as_of() }} as as_of_date,
        cast('{{ var("reporting_currency") }}' as varchar) as reporting_currency,
        cast('{{ var("reporting_timezone") }}' as varchar) as reporting_timezone,
        cast({{ var("horizon_days") }} as integer) as horizon_days,
        cast({{ var("grace_days") }} as integer) as grace_days,
        cast(
            max(case when health_band = 'healthy' then minimum_score * 100 end) as integer
        ) as healthy_from_points,
        cast(
            max(case when health_band = 'watch' then minimum_score * 100 end) as integer
        ) as watch_from_points
    from health_band
)

select * from final
