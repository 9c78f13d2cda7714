-- Health measures of customers who left, two to four months before they did, against those of
-- customers who stayed.
with account as (
    select
        account_id,
        is_active,
        churned_date
    from {{ ref('dim_account') }}
),

measure as (
    select
        account_id,
        as_of_date,
        measure,
        value
    from {{ ref('fct_account_health_measure') }}
    where
        as_of_date <= {{ as_of() }}
        and as_of_date > cast({{ dbt.dateadd('month', -16, as_of()) }} as date)
        and value is not null
),

leaver as (
    select
        account_id,
        churned_date
    from account
    where
        not is_active
        and churned_date > cast({{ dbt.dateadd('month', -12, as_of()) }} as date)
        and churned_date <= {{ as_of() }}
),

before_leaving as (
    select
        measure.account_id,
        measure.measure,
        measure.value,
        row_number() over (
            partition by measure.account_id, measure.measure
            order by measure.as_of_date desc
        ) as recency
    from leaver
    inner join measure on leaver.account_id = measure.account_id
    where
        measure.as_of_date <= {{ add_days('leaver.churned_date', '-60') }}
        and measure.as_of_date >= {{ add_days('leaver.churned_date', '-120') }}
),

left_average as (
    select
        measure,
        avg(value) as average_value,
        count(*) as accounts
    from before_leaving
    where recency = 1
    group by measure
),

stayed_average as (
    select
        measure.measure,
        avg(measure.value) as average_value,
        count(distinct measure.account_id) as accounts
    from account
    inner join measure on account.account_id = measure.account_id
    where account.is_active
    group by measure.measure
),

final as (
    select
        cast(left_average.measure as varchar) as measure,
        cast({{ measure_label('left_average.measure') }} as varchar) as measure_label,
        round(left_average.average_value * 100, 1) as left_points,
        round(stayed_average.average_value * 100, 1) as stayed_points,
        round((stayed_average.average_value - left_average.average_value) * 100, 1) as gap_points,
        left_average.accounts as left_accounts,
        stayed_average.accounts as stayed_accounts
    from left_average
    inner join stayed_average on left_average.measure = stayed_average.measure
)

select * from final
