{# The sources whose records can anchor an account, the first enabled one does; and the object. #}
{% macro anchor_source() -%}
    {{- return((enabled_sources(['salesforce', 'app', 'stripe', 'zendesk']) + [''])[0]) -}}
{%- endmacro %}

{% macro anchor_object() -%}
    {{- return({
        'salesforce': 'Account',
        'app': 'account',
        'stripe': 'customer',
        'zendesk': 'organization',
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
