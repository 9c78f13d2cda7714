{# A measure and its quantity as a sentence that a CSM can say aloud: the file's words. #}
{% macro health_reason(measure, raw) -%}
    {%- set reason = measure.reason -%}
    {%- set shown = health_shown(measure, raw) -%}
    case
        {%- if reason.none %}
        when {{ raw }} <= -1 then {{ health_sentence(reason.none, shown) }}
        {%- endif %}
        {%- if reason.begins %}
        when {{ raw }} >= 1 then {{ health_sentence(reason.begins, shown) }}
        {%- endif %}
        {%- if reason.falls %}
        when {{ raw }} < -1 * {{ reason.steady }} then {{ health_sentence(reason.falls, shown) }}
        {%- endif %}
        {%- if reason.rises %}
        when {{ raw }} > {{ reason.steady }} then {{ health_sentence(reason.rises, shown) }}
        {%- endif %}
        when {{ raw }} is not null then {{ health_sentence(reason.otherwise, shown) }}
    end
{%- endmacro %}

{% macro health_sentence(text, shown) -%}
    replace(
        replace({{ text_literal(text) }}, '{value}', coalesce({{ shown }}, '')),
        '{s}',
        {{ plural_s(shown) }}
    )
{%- endmacro %}

{# A quantity as people say it. A trend is told as per cent of what was; a place by its hundredth. #}
{% macro health_shown(measure, raw) -%}
    {%- if measure.curve.kind == 'trend' -%}
        {{ whole('200 * abs(' ~ raw ~ ') / nullif(1 - ' ~ raw ~ ', 0)') }}
    {%- elif measure.curve.kind == 'percentile' -%}
        {{ whole('100 * ' ~ raw) }}
    {%- elif measure.unit in ('share', 'change') -%}
        {{ whole('abs(100 * ' ~ raw ~ ')') }}
    {%- else -%}
        {{ whole(raw) }}
    {%- endif -%}
{%- endmacro %}

{# What turns a regular noun behind a number, which is given as text, into its plural. #}
{% macro plural_s(shown) -%}
    case when {{ shown }} = '1' then '' else 's' end
{%- endmacro %}

{# A number with what it counts: `1 invoice`, `2 invoices`. #}
{% macro counted(number, noun) -%}
    {{ whole(number) }} || ' {{ noun }}' || {{ plural_s(whole(number)) }}
{%- endmacro %}

{# A number as text without decimals. #}
{% macro whole(number) -%}
    cast(cast(round({{ number }}) as bigint) as {{ dbt.type_string() }})
{%- endmacro %}
