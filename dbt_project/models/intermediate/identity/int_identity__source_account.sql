-- Every record that may stand for, or belong to, a paying organisation, in one shape.
-- `explicit_key` is the id it names, in the form in which account records are keyed.
{% set columns = {
    'source': 'text',
    'source_object': 'text',
    'source_id': 'text',
    'account_name': 'text',
    'domain': 'text',
    'explicit_source': 'text',
    'explicit_object': 'text',
    'explicit_id': 'text',
    'parent_source_id': 'text',
    'created_at': 'timestamp',
    'deleted_at': 'timestamp',
} %}

with delivered as (
    {{ union_enabled(
        'int_identity__{source}_account',
        known_sources(),
        columns
    ) }}
),

-- A record that its source delivers no more is a deleted one, with what it said of itself last.
unioned as (
    select * from delivered
    union all
    select
        vanished.source,
        vanished.source_object,
        vanished.source_id,
        vanished.account_name,
        vanished.domain,
        vanished.explicit_source,
        vanished.explicit_object,
        vanished.explicit_id,
        vanished.parent_source_id,
        vanished.created_at,
        vanished.deleted_at
    from {{ ref('int_account__vanished') }} as vanished
    left outer join delivered
        on
            vanished.source = delivered.source
            and vanished.source_object = delivered.source_object
            and vanished.source_id = delivered.source_id
    where delivered.source_id is null
),

free_mail_domain as (
    select * from {{ ref('free_mail_domain') }}
),

-- People's decisions go before what a record says of itself.
linked_by_hand as (
    select
        source,
        source_object,
        source_id,
        max(trim(account_source_id)) as account_source_id
    from {{ ref('account_link') }}
    where action = 'link' and nullif(trim(account_source_id), '') is not null
    group by source, source_object, source_id
),

unlinked_by_hand as (
    select
        source,
        source_object,
        source_id,
        {{ identity_key("trim(account_source_id)") }} as account_key
    from {{ ref('account_link') }}
    where action = 'unlink'
    group by source, source_object, source_id, {{ identity_key("trim(account_source_id)") }}
),

decided as (
    select
        unioned.source,
        unioned.source_object,
        unioned.source_id,
        unioned.account_name,
        unioned.domain,
        linked_by_hand.account_source_id is not null as is_linked_by_hand,
        case
            when linked_by_hand.account_source_id is not null then '{{ anchor_source() }}'
            else unioned.explicit_source
        end as explicit_source,
        case
            when linked_by_hand.account_source_id is not null then '{{ anchor_object() }}'
            else unioned.explicit_object
        end as explicit_object,
        case
            when linked_by_hand.account_source_id is not null
                then linked_by_hand.account_source_id
            when unlinked_by_hand.source_id is null then nullif(trim(unioned.explicit_id), '')
        end as explicit_id,
        unioned.parent_source_id,
        unioned.created_at,
        unioned.deleted_at
    from unioned
    left outer join linked_by_hand
        on
            unioned.source = linked_by_hand.source
            and unioned.source_object = linked_by_hand.source_object
            and unioned.source_id = linked_by_hand.source_id
    left outer join unlinked_by_hand
        on
            unioned.source = unlinked_by_hand.source
            and unioned.source_object = unlinked_by_hand.source_object
            and unioned.source_id = unlinked_by_hand.source_id
            and coalesce(
                nullif(unlinked_by_hand.account_key, ''),
                {{ identity_key('trim(unioned.explicit_id)') }}
            ) = {{ identity_key('trim(unioned.explicit_id)') }}
),

final as (
    select
        decided.source,
        decided.source_object,
        decided.source_id,
        decided.account_name,
        decided.domain,
        decided.is_linked_by_hand,
        decided.explicit_source,
        decided.explicit_object,
        decided.explicit_id,
        {{ identity_key('decided.source_id') }} as record_key,
        {{ identity_key('decided.explicit_id') }} as explicit_key,
        decided.parent_source_id,
        decided.created_at,
        decided.deleted_at,
        free_mail_domain.domain is not null as is_free_mail
    from decided
    left outer join free_mail_domain
        on decided.domain = free_mail_domain.domain
)

select * from final
