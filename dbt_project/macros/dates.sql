{# Integers from `first` to `last`, as a relation with the column day_number. #}
{% macro series(first, last) -%}{{ adapter.dispatch('series', 'copilot')(first, last) }}{%- endmacro %}
{% macro default__series(first, last) -%}
    generate_series({{ first }}, {{ last }}) as series (day_number)
{%- endmacro %}

{# A date moved by a number of days; stays a date. #}
{% macro add_days(date, days) -%}{{ adapter.dispatch('add_days', 'copilot')(date, days) }}{%- endmacro %}
{% macro default__add_days(date, days) -%}({{ date }} + ({{ days }})){%- endmacro %}

{# Whole days from `start` to `end`, both dates. #}
{% macro days_between(start, end) -%}{{ adapter.dispatch('days_between', 'copilot')(start, end) }}{%- endmacro %}
{% macro default__days_between(start, end) -%}({{ end }} - {{ start }}){%- endmacro %}

{# The first anniversary of `anchor`, in steps of `months`, that lies after `day`. #}
{% macro next_anniversary(anchor, months, day) -%}
    {{ adapter.dispatch('next_anniversary', 'copilot')(anchor, months, day) }}
{%- endmacro %}
{% macro default__next_anniversary(anchor, months, day) -%}
    cast(
        {{ anchor }} + make_interval(months => cast(
            (
                floor(
                    (
                        extract(year from age({{ day }}, {{ anchor }})) * 12
                        + extract(month from age({{ day }}, {{ anchor }}))
                    ) / {{ months }}
                ) + 1
            ) * {{ months }} as integer
        )) as date
    )
{%- endmacro %}

{# Whether a date is a Monday: the history grid. #}
{% macro is_monday(date) -%}{{ adapter.dispatch('is_monday', 'copilot')(date) }}{%- endmacro %}
{% macro default__is_monday(date) -%}(extract(isodow from {{ date }}) = 1){%- endmacro %}

{# Months from `start` to `end`, both dates: whole on every anniversary, 31 parts of one between. #}
{% macro months_between(start, end) -%}{{ adapter.dispatch('months_between', 'copilot')(start, end) }}{%- endmacro %}
{% macro default__months_between(start, end) -%}
    round(
        extract(year from age({{ end }}, {{ start }})) * 12
        + extract(month from age({{ end }}, {{ start }}))
        + extract(day from age({{ end }}, {{ start }})) / 31,
        4
    )
{%- endmacro %}
