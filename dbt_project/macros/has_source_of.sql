{# Whether `copilot.yml` lists any source of a kind: crm, support, usage or billing. #}
{% macro has_source_of(kind) -%}
    {%- set kinds = {
        'crm': ['salesforce', 'hubspot', 'pipedrive'],
        'support': ['zendesk', 'intercom', 'freshdesk', 'app'],
        'usage': ['mixpanel', 'amplitude', 'google_analytics', 'app'],
        'billing': ['stripe', 'app'],
    } -%}
    {{- return(kinds[kind] | select('in', var('sources')) | list | length > 0) -}}
{%- endmacro %}
