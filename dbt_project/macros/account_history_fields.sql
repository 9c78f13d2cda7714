{# The attributes of an account whose past is kept, and the column of snapshot_account for each. #}
{% macro account_history_fields() -%}
    {{ return({
        'name': 'account_name',
        'domain': 'domain',
        'segment': 'segment',
        'industry': 'industry',
        'country': 'country',
        'owner': 'csm_email',
        'parent': 'parent_source_id',
    }) }}
{%- endmacro %}
