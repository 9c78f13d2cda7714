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
