-- What each upcoming renewal should bring, soonest first.
with forecast as (
    select * from {{ source('ml', 'renewal_forecast') }}
    where is_published and as_of_date = {{ as_of() }}
),

account as (
    select * from {{ ref('rpt_account') }}
),

final as (
    select
        forecast.account_id || '-' || cast(forecast.renewal_date as text) as account_renewal_id,
        forecast.account_id,
        account.account_name,
        account.account_url,
        account.csm_key,
        account.csm_name,
        forecast.renewal_date,
        {{ days_between(as_of(), 'forecast.renewal_date') }} as days_to_renewal,
        cast(forecast.current_arr as numeric) as current_arr,
        cast(forecast.expected_arr as numeric) as expected_arr,
        cast(forecast.arr_low as numeric) as arr_low,
        cast(forecast.arr_high as numeric) as arr_high,
        forecast.renewal_probability,
        forecast.probability_low,
        forecast.probability_high,
        forecast.price_ratio,
        cast(forecast.basis as varchar) as basis,
        cast({{ value_basis_label('forecast.basis') }} as varchar) as basis_label,
        cast(forecast.churn_basis as varchar) as churn_basis
    from forecast
    inner join account on forecast.account_id = account.account_id
    where account.is_active
)

select * from final
