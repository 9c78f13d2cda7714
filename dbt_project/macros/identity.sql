{# The source whose records are the accounts: the first enabled one of those that can be. #}
{% macro anchor_source() -%}
    {{- return((enabled_sources([
        'salesforce', 'hubspot', 'pipedrive', 'app', 'stripe', 'zendesk', 'intercom', 'freshdesk',
    ]) + [''])[0]) -}}
{%- endmacro %}

{# The kind of record that is an account there. #}
{% macro anchor_object() -%}
    {{- return({
        'salesforce': 'Account',
        'hubspot': 'company',
        'pipedrive': 'organization',
        'app': 'account',
        'stripe': 'customer',
        'zendesk': 'organization',
        'intercom': 'company',
        'freshdesk': 'company',
        '': '',
    }[anchor_source()]) -}}
{%- endmacro %}

{# An id as the anchors' ids are compared: of a Salesforce id only the 15 characters that tell
   records apart, since people and tools keep it with and without its 3-character check. #}
{% macro identity_key(id) -%}
    {%- if anchor_source() == 'salesforce' -%}
        case when length({{ id }}) = 18 then left({{ id }}, 15) else {{ id }} end
    {%- else -%}
        {{ id }}
    {%- endif -%}
{%- endmacro %}

{# What a list of CRMs says (source or object) of the first whose column is not null. #}
{% macro first_named(crms, what) -%}
    case
        {%- for crm in crms %}
            when {{ crm.column }} is not null then '{{ crm[what] }}'
        {%- endfor %}
    end
{%- endmacro %}

{# From how many characters on an id is unique in the world, whoever gave it: Salesforce's have 15. #}
{% macro unique_id_length() -%}15{%- endmacro %}

{# A person as a record that may belong to an account: known by the domain of the column `email`, and
   by a company that it names. #}
{% macro identity_of_person(source, source_object, source_id, explicit_id=none, created_at=none) -%}
    select
        '{{ source }}' as source,
        '{{ source_object }}' as source_object,
        {{ source_id }} as source_id,
        cast(null as {{ data_type('text') }}) as account_name,
        {{ email_domain('email') }} as domain,
        cast(null as {{ data_type('text') }}) as explicit_source,
        cast(null as {{ data_type('text') }}) as explicit_object,
        {% if explicit_id -%}
            {{ explicit_id }}
        {%- else -%}
            cast(null as {{ data_type('text') }})
        {%- endif %} as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        {% if created_at -%}
            {{ created_at }}
        {%- else -%}
            cast(null as {{ data_type('timestamp') }})
        {%- endif %} as created_at,
        cast(null as {{ data_type('timestamp') }}) as deleted_at
{%- endmacro %}

{# A company of an analytics tool as such a record: the tool knows of it no more than the id
   (`company_id`) that the product sends. #}
{% macro identity_of_named_company(source) -%}
    select
        '{{ source }}' as source,
        'company' as source_object,
        company_id as source_id,
        cast(null as {{ data_type('text') }}) as account_name,
        cast(null as {{ data_type('text') }}) as domain,
        cast(null as {{ data_type('text') }}) as explicit_source,
        cast(null as {{ data_type('text') }}) as explicit_object,
        company_id as explicit_id,
        cast(null as {{ data_type('text') }}) as parent_source_id,
        cast(null as {{ data_type('timestamp') }}) as created_at,
        cast(null as {{ data_type('timestamp') }}) as deleted_at
{%- endmacro %}
