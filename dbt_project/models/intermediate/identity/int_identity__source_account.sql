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

final as (
    select
        unioned.source,
        unioned.source_object,
        unioned.source_id,
        unioned.account_name,
        unioned.domain,
        unioned.explicit_source,
        unioned.explicit_object,
        unioned.explicit_id,
        {{ identity_key('unioned.source_id') }} as record_key,
        {{ identity_key('unioned.explicit_id') }} as explicit_key,
        unioned.parent_source_id,
        unioned.created_at,
        unioned.deleted_at,
        free_mail_domain.domain is not null as is_free_mail
    from unioned
    left outer join free_mail_domain
        on unioned.domain = free_mail_domain.domain
)

select * from final
