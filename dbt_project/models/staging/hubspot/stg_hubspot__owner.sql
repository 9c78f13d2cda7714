-- A former user is among the archived ones; who is in both lists is back.
with living as (
    {{ read_raw("hubspot", "owners", {
        "id": "text",
        "email": "text",
        "firstName": "text",
        "lastName": "text",
    }) }}
),

archived as (
    {{ read_raw("hubspot", "owners_archived", {
        "id": "text",
        "email": "text",
        "firstName": "text",
        "lastName": "text",
    }) }}
),

listed as (
    select
        living.*,
        true as is_active
    from living
    union all
    select
        archived.*,
        false as is_active
    from archived
    left outer join living
        on archived.id = living.id
    where living.id is null
),

final as (
    select
        id as owner_id,
        nullif(concat_ws(' ', "firstName", "lastName"), '') as full_name,
        lower(nullif(trim(email), '')) as email,
        is_active
    from listed
)

select * from final
