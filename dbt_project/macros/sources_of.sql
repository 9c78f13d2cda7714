{# The sources that know something of a kind: crm, support, usage or billing; the better ones first.
   And those that keep a history of their own: of what changed about tickets, ratings, accounts, deals. #}
{% macro sources_of(kind) -%}
    {{- return({
        'crm': ['salesforce', 'hubspot', 'pipedrive'],
        'support': ['zendesk', 'intercom', 'freshdesk', 'app'],
        'usage': ['mixpanel', 'amplitude', 'google_analytics', 'app'],
        'billing': ['stripe', 'app'],
        'ticket_history': ['zendesk', 'intercom'],
        'rating_history': ['zendesk'],
        'account_history': ['salesforce', 'hubspot'],
        'stage_history': ['salesforce', 'hubspot'],
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

{# The place of a source among those of its kind, 1 for the best. #}
{% macro rank_of_source(column, kind) -%}
    case {{ column }}
        {%- for source in sources_of(kind) %}
            when '{{ source }}' then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}
