{# The join from rows that name a source's account record to the account: `account_link`. #}
{% macro join_account_link(alias, of_all=false) -%}
    {{ 'inner' if var('soon', false) and not of_all else 'left' }} join
        {{ ref('int_identity__account_link') }} as account_link
        on
            {{ alias }}.source = account_link.source
            and {{ alias }}.account_source_object = account_link.source_object
            and {{ alias }}.account_source_id = account_link.source_id
            {%- if not of_all %}
            and {{ is_asked_for('account_link.account_id') }}
            {%- endif %}
{%- endmacro %}
