with account_link as (
    select * from {{ ref('int_identity__account_link') }}
),

final as (
    select
        {{ record_key(['source', 'source_object', 'source_id']) }} as account_source_link_id,
        account_id,
        source,
        source_object,
        source_id,
        match_rule,
        cast(confidence as numeric) as confidence,
        evidence
    from account_link
)

select * from final
