{# The text of the first reason in a jsonb list of reasons. #}
{% macro first_reason(reasons) -%}{{ adapter.dispatch('first_reason', 'copilot')(reasons) }}{%- endmacro %}
{% macro default__first_reason(reasons) -%}
    coalesce({{ reasons }} -> 0 ->> 'text', 'No single reason stands out')
{%- endmacro %}

{# All texts of a jsonb list of reasons as lines, each with its direction; what raises first. The
   average has none. #}
{% macro reason_lines(reasons) -%}{{ adapter.dispatch('reason_lines', 'copilot')(reasons) }}{%- endmacro %}
{% macro default__reason_lines(reasons) -%}
    (
        select
            string_agg(
                case
                    when reason.value ->> 'feature' = 'base_rate' then ''
                    when reason.value ->> 'direction' = 'raises' then 'Raises: '
                    else 'Lowers: '
                end || (reason.value ->> 'text'),
                chr(10) order by reason.value ->> 'direction' desc, reason.ordinality
            )
        from jsonb_array_elements({{ reasons }}) with ordinality as reason
    )
{%- endmacro %}
