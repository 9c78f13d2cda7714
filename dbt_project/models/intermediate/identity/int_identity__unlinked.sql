-- Which records people keep from which account, whatever rule would link them; without an account,
-- from all.
with decisions as (
    select * from {{ ref('account_link') }}
    where action = 'unlink'
),

final as (
    select
        {{ record_key([
            'decisions.source', 'decisions.source_object', 'decisions.source_id',
            'decisions.account_source_id'
        ]) }} as unlinked_id,
        decisions.source,
        decisions.source_object,
        decisions.source_id,
        case
            when named.anchor_source_id is not null
                then {{ account_key(
                    'named.source', 'named.source_object', 'named.anchor_source_id'
                ) }}
        end as account_id
    from decisions
    left outer join {{ ref('int_identity__anchor_record') }} as named
        on {{ identity_key('trim(decisions.account_source_id)') }} = named.record_key
    where
        nullif(trim(decisions.account_source_id), '') is null
        or named.record_key is not null
)

select * from final
