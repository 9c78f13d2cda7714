{# The account's id: the same hash of its anchor record in every run and on every warehouse. #}
{% macro account_key(source, source_object, source_id) -%}
    {{ record_key([source, source_object, source_id]) }}
{%- endmacro %}

{# A hash of several text expressions, joined by a bar; a missing part counts as empty. #}
{% macro record_key(parts) -%}{{ adapter.dispatch('record_key', 'copilot')(parts) }}{%- endmacro %}
{% macro default__record_key(parts) -%}
    md5({% for part in parts %}coalesce({{ part }}, ''){{ " || '|' || " if not loop.last }}{% endfor %})
{%- endmacro %}
