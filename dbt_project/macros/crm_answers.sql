{# What people answer on the accounts of a CRM (`accounts`), a row for each question: whether the
   copilot is right, and a score of their own. #}
{% macro crm_answers(source, source_object, source_id) -%}
    {%- for question, is_answered in [
        ('verdict', 'verdict is not null'),
        ('override', 'override_points is not null'),
    ] %}
    select
        {{ record_key(["'" ~ source ~ "'", "'" ~ source_object ~ "'", source_id, "'" ~ question ~ "'"]) }}
            as record_key,
        '{{ source }}' as source,
        '{{ source_object }}' as source_object,
        {{ source_id }} as source_id,
        '{{ question }}' as question,
        {%- if question == 'verdict' %}
        verdict as word,
        cast(null as {{ data_type('number') }}) as points,
        cast(null as {{ data_type('text') }}) as reason,
        cast(null as {{ data_type('date') }}) as expires_on
        {%- else %}
        cast(null as {{ data_type('text') }}) as word,
        override_points as points,
        override_reason as reason,
        override_expires_on as expires_on
        {%- endif %}
    from accounts
    where {{ is_answered }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
