-- Since when what the models say of a customer has been a reason to act: spells of published
-- scores. A spell outlasts a week without the reason, so that a score near a bound does not flap,
-- and days on which nothing was scored.
{% set quiet_days = 7 %}

with risks as (
    select
        account_id,
        as_of_date,
        risk_tier,
        dense_rank() over (order by as_of_date) as scoring
    from {{ source('ml', 'churn_score') }}
    where is_published and as_of_date <= {{ as_of() }}
),

offers as (
    select
        account_id,
        as_of_date,
        kind,
        stands_out,
        expected_arr,
        dense_rank() over (order by as_of_date) as scoring,
        row_number() over (
            partition by account_id, as_of_date
            order by
                stands_out desc, expected_arr desc, propensity desc, kind asc, product asc
        ) as place
    from {{ source('ml', 'opportunity_score') }}
    where is_published and as_of_date <= {{ as_of() }}
),

held as (
    select
        account_id,
        'likely_to_leave' as reason_key,
        as_of_date,
        scoring
    from risks
    where {{ is_tier_of_trouble('risk_tier') }}
    union all
    select
        account_id,
        kind as reason_key,
        as_of_date,
        scoring
    from offers
    where place = 1 and stands_out and expected_arr > 0
),

marked as (
    select
        *,
        lag(as_of_date) over (partition by account_id, reason_key order by as_of_date)
            as previous_date,
        lag(scoring) over (partition by account_id, reason_key order by as_of_date)
            as previous_scoring
    from held
),

numbered as (
    select
        *,
        sum(
            case
                when previous_date is null then 1
                when
                    scoring - previous_scoring > 1
                    and {{ days_between('previous_date', 'as_of_date') }} > {{ quiet_days }} + 1
                    then 1
                else 0
            end
        ) over (partition by account_id, reason_key order by as_of_date) as spell
    from marked
),

spells as (
    select
        account_id,
        reason_key,
        min(as_of_date) as opened_on,
        max(as_of_date) as last_held_on
    from numbered
    group by account_id, reason_key, spell
),

final as (
    select
        account_id,
        reason_key,
        opened_on,
        last_held_on = {{ as_of() }} as is_current
    from spells
    where {{ days_between('last_held_on', as_of()) }} <= {{ quiet_days }}
)

select * from final
