{# A playbook's text with what it is about filled in: columns of `accounts` and `reasons`. #}
{% macro playbook_text(column) -%}
    replace(
        replace(
            replace({{ column }}, '{account_name}', accounts.account_name),
            '{reason}',
            reasons.reason
        ),
        '{product}',
        coalesce(reasons.product, 'this')
    )
{%- endmacro %}
