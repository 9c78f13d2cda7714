-- What CSMs said of their accounts in the CRM's picklist, by the day for which they said it: each
-- counts until the next. A word that health.yml does not know says nothing.
{% set words = health_rules().get('pulse', {}) %}

with accounts as (
    select * from {{ ref('int_identity__anchor') }}
),

given as (
    select * from {{ ref('int_account__pulse') }}
),

valued as (
    select
        accounts.account_id,
        given.given_on,
        case
            {% for word, value in words.items() -%}
                when given.word = {{ text_literal(word) }} then cast({{ value }} as numeric)
            {% endfor -%}
            when given.word = '' then null
        end as pulse
    from accounts
    inner join given
        on
            accounts.source = given.source
            and accounts.source_object = given.source_object
            and accounts.source_id = given.source_id
),

final as (
    select
        account_id,
        given_on,
        coalesce(
            lead(given_on) over (partition by account_id order by given_on),
            cast('9999-12-31' as date)
        ) as replaced_on,
        pulse
    from valued
    where pulse is not null
)

select * from final
