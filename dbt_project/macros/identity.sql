{# The sources whose records can anchor an account, the best first, and the kind of record. #}
{% macro anchor_objects() -%}
    {{- return({
        'salesforce': 'Account',
        'hubspot': 'company',
        'pipedrive': 'organization',
        'app': 'account',
        'stripe': 'customer',
        'zendesk': 'organization',
        'intercom': 'company',
        'freshdesk': 'company',
    }) -}}
{%- endmacro %}

{# The source whose records are the accounts, the first that is enabled; and the kind of record. #}
{% macro anchor_source() -%}
    {{- return((enabled_sources(anchor_objects().keys()) + [''])[0]) -}}
{%- endmacro %}

{% macro anchor_object() -%}
    {{- return(anchor_objects().get(anchor_source(), '')) -}}
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
