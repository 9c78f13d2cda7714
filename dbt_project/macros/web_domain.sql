{# The host of a web address or a bare domain: lower case, without scheme, www, path and port. #}
{% macro web_domain(address) -%}{{ adapter.dispatch('web_domain', 'copilot')(address) }}{%- endmacro %}
{% macro default__web_domain(address) -%}
    nullif(
        regexp_replace(
            regexp_replace(lower(trim({{ address }})), '^([a-z][a-z0-9+.-]*://)?(www\.)?', ''),
            '[/:?#].*$|\.$',
            ''
        ),
        ''
    )
{%- endmacro %}

{# The domain of an e-mail address, lower case, without a label that only says it is for mail; null
   where there is none. #}
{% macro email_domain(email) -%}{{ adapter.dispatch('email_domain', 'copilot')(email) }}{%- endmacro %}
{% macro default__email_domain(email) -%}
    regexp_replace(
        nullif(split_part(lower(trim({{ email }})), '@', 2), ''),
        '^(mail|email|smtp|corp)\.(?=[^.]+\.[^.])',
        ''
    )
{%- endmacro %}
