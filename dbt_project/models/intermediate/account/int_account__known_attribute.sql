-- What was known of the accounts' attributes on the run's date: those of today, also of records
-- that vanished; in a run for a past date, those of then, where their history reaches back.
{% set fields = {
    'account_name': 'name', 'segment': 'segment', 'industry': 'industry', 'country': 'country',
    'csm_email': 'owner',
} %}

with present as (
    select
        record_key,
        source,
        source_object,
        source_id,
        account_name,
        segment,
        industry,
        country,
        csm_name,
        csm_email
    from {{ ref('int_account__present_record') }}
    union all
    select
        record_key,
        source,
        source_object,
        source_id,
        account_name,
        segment,
        industry,
        country,
        csm_name,
        csm_email
    from {{ ref('int_account__vanished') }}
),

managers as (
    select
        csm_email,
        max(csm_name) as csm_name
    from present
    where csm_email is not null
    group by csm_email
),

held as (
    select
        record_key,
        {% for column, field in fields.items() -%}
            max(case when field = '{{ field }}' then value end) as {{ column }},
            max(case when field = '{{ field }}' then 1 else 0 end) as knows_{{ column }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_account__attribute_history') }}
    where {{ held_at_past_run() }}
    group by record_key
),

chosen as (
    select
        present.record_key,
        present.source,
        present.source_object,
        present.source_id,
        {% for column in fields -%}
            case
                when held.knows_{{ column }} = 1 then held.{{ column }}
                else present.{{ column }}
            end
                as {{ column }},
        {% endfor -%}
        present.csm_email as present_csm_email,
        present.csm_name as present_csm_name
    from present
    left outer join held on present.record_key = held.record_key
),

final as (
    select
        chosen.record_key,
        chosen.source,
        chosen.source_object,
        chosen.source_id,
        chosen.account_name,
        chosen.segment,
        chosen.industry,
        chosen.country,
        case
            when coalesce(chosen.csm_email, '') = coalesce(chosen.present_csm_email, '')
                then chosen.present_csm_name
            else coalesce(managers.csm_name, chosen.csm_email)
        end as csm_name,
        chosen.csm_email
    from chosen
    left outer join managers on chosen.csm_email = managers.csm_email
)

select * from final
