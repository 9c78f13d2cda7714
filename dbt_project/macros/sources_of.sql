{# The sources that know something of a kind: crm, support, usage or billing; the better ones first. #}
{% macro sources_of(kind) -%}
    {{- return({
        'crm': ['salesforce', 'hubspot', 'pipedrive'],
        'support': ['zendesk', 'intercom', 'freshdesk', 'app'],
        'usage': ['mixpanel', 'amplitude', 'google_analytics', 'app'],
        'billing': ['stripe', 'app'],
    }[kind]) -}}
{%- endmacro %}

{# Every source that there is. #}
{% macro known_sources() -%}
    {%- set found = [] -%}
    {%- for kind in ['crm', 'billing', 'support', 'usage'] -%}
        {%- for source in sources_of(kind) if source not in found -%}
            {%- do found.append(source) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{# Whether `copilot.yml` lists any source of a kind. #}
{% macro has_source_of(kind) -%}
    {{- return(enabled_sources(sources_of(kind)) | length > 0) -}}
{%- endmacro %}
