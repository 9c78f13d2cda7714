{# Money in the reporting currency at the rate of a day. `amount` and `rate` are numeric; to four
   decimals, so that twelve monthly shares of a yearly price still add up to the cent. #}
{% macro convert_currency(amount, rate) -%}
    cast(round({{ amount }} * {{ rate }}, 4) as numeric)
{%- endmacro %}

{# The join to the rate that holds on a day. #}
{% macro join_exchange_rate(alias, currency, day) -%}
    left join {{ ref('int_revenue__exchange_rate') }} as {{ alias }}
        on
            {{ currency }} = {{ alias }}.currency
            and {{ day }} >= {{ alias }}.valid_from
            and {{ day }} < {{ alias }}.valid_to
{%- endmacro %}

{# An amount in a currency's smallest unit as an amount in the currency. #}
{% macro from_minor_units(amount, currency) -%}
    (
        cast({{ amount }} as numeric)
        / case
            when {{ currency }} in (
                'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA',
                'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'
            ) then 1
            when {{ currency }} in ('BHD', 'JOD', 'KWD', 'OMR', 'TND') then 1000
            else 100
        end
    )
{%- endmacro %}
