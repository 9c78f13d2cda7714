-- Customers in each health band on the dates of the weekly grid, empty bands included.
with health as (
    select
        account_id,
        as_of_date,
        health_band
    from {{ ref('fct_account_health') }}
    where
        as_of_date > cast({{ dbt.dateadd('month', -12, as_of()) }} as date)
        and as_of_date <= {{ as_of() }}
        and ({{ is_monday('as_of_date') }} or as_of_date = {{ as_of() }})
),

band as (
    {% for band in ['healthy', 'watch', 'at_risk', 'unknown'] -%}
        select
            '{{ band }}' as health_band,
            {{ loop.index }} as band_order
        {% if not loop.last -%} union all {% endif %}
    {% endfor %}
),

total as (
    select
        as_of_date,
        count(*) as accounts
    from health
    group by as_of_date
),

counted as (
    select
        as_of_date,
        health_band,
        count(*) as accounts
    from health
    group by as_of_date, health_band
),

final as (
    select
        total.as_of_date,
        cast(band.health_band as varchar) as health_band,
        cast({{ band_label('band.health_band') }} as varchar) as band_label,
        band.band_order,
        coalesce(counted.accounts, 0) as accounts,
        cast(coalesce(counted.accounts, 0) as numeric) / total.accounts as share_of_accounts
    from total
    cross join band
    left outer join counted
        on total.as_of_date = counted.as_of_date and band.health_band = counted.health_band
)

select * from final
