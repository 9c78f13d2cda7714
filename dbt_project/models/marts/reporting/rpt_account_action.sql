with action as (
    select * from {{ ref('recommended_action') }}
),

final as (
    select
        account_id || '-' || cast(rank as varchar) as account_action_id,
        account_id,
        cast(rank as integer) as action_rank,
        cast(playbook as varchar) as playbook,
        cast(channel as varchar) as channel,
        cast(subject as varchar) as subject,
        cast(message as varchar) as message,
        cast(reason as varchar) as reason_text,
        cast(expected_arr_saved as numeric) as expected_arr_saved
    from action
    where as_of_date = {{ as_of() }}
)

select * from final
