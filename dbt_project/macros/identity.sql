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

{# A name as names are compared: lower case, letters and digits alone, without the legal form at its
   end. #}
{% macro comparable_name(name) -%}{{ adapter.dispatch('comparable_name', 'copilot')(name) }}{%- endmacro %}
{% macro default__comparable_name(name) -%}
    nullif(
        regexp_replace(
            regexp_replace(
                lower(trim(replace({{ name }}, '.', ''))),
                '([ ,&]+(ab|ag|as|bv|co|company|corp|corporation|gmbh|inc|incorporated|kg|limited|llc'
                || '|llp|lp|ltd|nv|oy|plc|pte|pty|sa|sarl|sas|se|sl|spa|srl))+$',
                ''
            ),
            '[[:space:][:punct:]]+',
            '',
            'g'
        ),
        ''
    )
{%- endmacro %}

{# Whether nobody has taken back the link of a row to its account. #}
{% macro is_not_unlinked(alias) -%}
    not exists (
        select 1
        from {{ ref('int_identity__unlinked') }} as unlinked
        where
            unlinked.source = {{ alias }}.source
            and unlinked.source_object = {{ alias }}.source_object
            and unlinked.source_id = {{ alias }}.source_id
            and coalesce(unlinked.account_id, {{ alias }}.account_id) = {{ alias }}.account_id
    )
{%- endmacro %}

{# What a list of ids says (source or object) of the first whose column is not null; null for one
   without the name of its system. #}
{% macro first_named(ids, what) -%}
    case
        {%- for id in ids %}
            when {{ id.column }} is not null
                then {{ "'" ~ id[what] ~ "'" if id[what] else 'cast(null as ' ~ data_type('text') ~ ')' }}
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
