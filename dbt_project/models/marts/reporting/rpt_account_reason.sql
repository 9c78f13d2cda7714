-- Why each customer's published churn score is what it is, largest reason first.
with score as (
    select
        account_id,
        reasons
    from {{ source('ml', 'churn_score') }}
    where is_published and as_of_date = {{ as_of() }}
),

unpacked as (
    select
        score.account_id,
        cast(reason.position as integer) as reason_rank,
        {{ json_path_text('reason.item', ['feature']) }} as feature,
        {{ json_path_text('reason.item', ['direction']) }} as direction,
        {{ json_path_text('reason.item', ['text']) }} as reason_text,
        cast(
            {{ json_path_text('reason.item', ['contribution']) }} as double precision
        ) as contribution
    from score
    cross join {{ json_numbered_elements('score.reasons', 'reason') }}
),

final as (
    select
        account_id || '-' || cast(reason_rank as varchar) as account_reason_id,
        account_id,
        reason_rank,
        cast(feature as varchar) as feature,
        cast({{ signal_label('feature') }} as varchar) as reason_label,
        cast(direction as varchar) as direction,
        cast(
            case direction
                when 'raises' then 'Raises the risk'
                else 'Lowers the risk'
            end as varchar
        ) as direction_label,
        cast(reason_text as varchar) as reason_text,
        contribution
    from unpacked
)

select * from final
