with unmatched as (
    select * from {{ ref('int_identity__unmatched_account') }}
),

final as (
    select
        {{ record_key(['source', 'source_object', 'source_id']) }} as account_source_link_id,
        source,
        source_object,
        source_id,
        account_name,
        domain,
        is_own_domain,
        explicit_id as named_id,
        reason
    from unmatched
)

select * from final
