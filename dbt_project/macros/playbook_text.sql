{# A playbook's text with what it is about filled in: columns of `accounts` and `reasons`. #}
{% macro playbook_text(column) -%}
    replace(
        replace({{ column }}, '{account_name}', accounts.account_name),
        '{product}',
        coalesce(reasons.product, 'this')
    )
{%- endmacro %}
