{# The calendar day of a moment, where the company reports. #}
{% macro date_in_reporting_tz(moment) -%}
    {{ adapter.dispatch('date_in_reporting_tz', 'copilot')(moment) }}
{%- endmacro %}
{% macro default__date_in_reporting_tz(moment) -%}
    cast(timezone('{{ var("reporting_timezone") }}', {{ moment }}) as date)
{%- endmacro %}

{# The first moment of a calendar day, where the company reports. #}
{% macro start_of_reporting_day(day) -%}
    {{ adapter.dispatch('start_of_reporting_day', 'copilot')(day) }}
{%- endmacro %}
{% macro default__start_of_reporting_day(day) -%}
    timezone('{{ var("reporting_timezone") }}', cast({{ day }} as timestamp without time zone))
{%- endmacro %}

{# A moment from seconds since 1970. #}
{% macro from_unix_seconds(seconds) -%}
    {{ adapter.dispatch('from_unix_seconds', 'copilot')(seconds) }}
{%- endmacro %}
{% macro default__from_unix_seconds(seconds) -%}to_timestamp({{ seconds }}){%- endmacro %}

{# A moment moved by a number of minutes, which may be a column. #}
{% macro add_minutes(moment, minutes) -%}
    {{ adapter.dispatch('add_minutes', 'copilot')(moment, minutes) }}
{%- endmacro %}
{% macro default__add_minutes(moment, minutes) -%}
    ({{ moment }} + {{ minutes }} * interval '1 minute')
{%- endmacro %}

{# A moment from a text without a zone, which is UTC; null where there is none. #}
{% macro utc_moment(text) -%}{{ adapter.dispatch('utc_moment', 'copilot')(text) }}{%- endmacro %}
{% macro default__utc_moment(text) -%}
    timezone('UTC', cast(nullif({{ text }}, '') as timestamp without time zone))
{%- endmacro %}
