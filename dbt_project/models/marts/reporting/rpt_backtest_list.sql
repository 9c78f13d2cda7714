-- The call lists of the last backtest, one a month.
with backtest as (
    select lists from {{ ref('rpt_backtest') }}
),

final as (
    select
        cast({{ json_path_text('made.item', ['list_date']) }} as date) as list_date,
        cast(
            case {{ json_path_text('made.item', ['basis']) }}
                when 'model' then 'Model'
                when 'rule' then 'Rule'
                else 'Average rate'
            end as varchar
        ) as basis_label,
        cast({{ json_path_text('made.item', ['reason']) }} as varchar) as basis_reason,
        cast({{ json_path_text('made.item', ['customers']) }} as bigint) as customers,
        cast({{ json_path_text('made.item', ['called']) }} as bigint) as called_customers,
        cast({{ json_path_text('made.item', ['left']) }} as bigint) as left_customers,
        cast({{ json_path_text('made.item', ['called_and_left']) }} as bigint)
            as called_and_left_customers
    from backtest
    cross join {{ json_elements('backtest.lists', 'made', 'item') }}
)

select * from final
