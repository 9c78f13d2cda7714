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

with unioned as (
    {{ union_enabled(
        'int_identity__{source}_account',
        known_sources(),
        columns
    ) }}
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
