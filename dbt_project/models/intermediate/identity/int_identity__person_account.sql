-- E-mail addresses of people who stand under a record whose account is certain, by account.
with people as (
    select * from {{ ref('int_identity__person') }}
    where email is not null and not is_internal
),

certain_link as (
    select * from {{ ref('int_identity__certain_link') }}
),

final as (
    select
        people.email,
        certain_link.account_id,
        {{ email_domain('people.email') }} as domain
    from people
    inner join certain_link
        on
            people.source = certain_link.source
            and people.account_source_object = certain_link.source_object
            and people.account_source_id = certain_link.source_id
    group by people.email, certain_link.account_id
)

select * from final
