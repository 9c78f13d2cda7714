-- What every page says on top: whose figures these are, as of when, and the settings behind them.
{% set bands = health_rules().get('bands', {}) %}

with final as (
    select
        1 as company_key,
        cast('{{ var("company_name") | replace("'", "''") }}' as varchar) as company_name,
        cast({{ 'true' if var("is_synthetic") else 'false' }} as boolean) as is_synthetic,
        {{ as_of() }} as as_of_date,
        cast('{{ var("reporting_currency") }}' as varchar) as reporting_currency,
        cast('{{ var("reporting_timezone") }}' as varchar) as reporting_timezone,
        cast({{ var("horizon_days") }} as integer) as horizon_days,
        cast({{ var("grace_days") }} as integer) as grace_days,
        cast({{ bands.get('healthy', 1) }} * 100 as integer) as healthy_from_points,
        cast({{ bands.get('watch', 1) }} * 100 as integer) as watch_from_points
)

select * from final
