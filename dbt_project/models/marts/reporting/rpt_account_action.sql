with recommended_action as (
    select * from {{ ref('recommended_action') }}
    where as_of_date = {{ as_of() }}
),

final as (
    select
        account_id || '-' || cast(rank as varchar) as account_action_id,
        account_id,
        cast(rank as integer) as action_rank,
        cast({{ sentence_case('playbook') }} as varchar) as playbook_label,
        cast(channel as varchar) as channel,
        cast(subject as varchar) as subject,
        cast(message as varchar) as message,
        cast(reason as varchar) as reason_text,
        cast(expected_arr_saved as numeric) as expected_arr_saved
    from recommended_action
)

select * from final
