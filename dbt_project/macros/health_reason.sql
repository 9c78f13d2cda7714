{# A measure and its quantity as a sentence that a CSM can say aloud. #}
{% macro health_reason(measure, raw) -%}
case {{ measure }}
    when 'usage_trend' then
        case
            when {{ raw }} <= -1 then 'No use of the product in the last four weeks'
            when {{ raw }} < -0.05 then
                'Use fell by ' || {{ whole('200 * -' ~ raw ~ ' / (1 - ' ~ raw ~ ')') }}
                || '% against the four weeks before'
            when {{ raw }} > 0.05 and {{ raw }} < 1 then
                'Use grew by ' || {{ whole('200 * ' ~ raw ~ ' / (1 - ' ~ raw ~ ')') }}
                || '% against the four weeks before'
            when {{ raw }} >= 1 then 'Use began in the last four weeks'
            else 'Use is steady'
        end
    when 'usage_recency' then 'Last used ' || {{ whole(raw) }} || ' day(s) ago'
    when 'user_breadth' then {{ whole('100 * ' ~ raw) }} || '% of the seats are in use'
    when 'feature_breadth' then {{ whole(raw) }} || ' kind(s) of things done in four weeks'
    when 'support_burden' then
        'About ' || {{ whole(raw) }} || ' ticket(s) in 30 days for each 10 active users'
    when 'support_quality' then
        {{ whole(raw) }} || ' slow answer(s) or bad rating(s) in 90 days'
    when 'payment' then {{ whole(raw) }} || ' invoice(s) overdue'
    when 'commercial_change' then
        case
            when {{ raw }} < 0 then
                'Recurring revenue fell by ' || {{ whole('-100 * ' ~ raw) }} || '% in 90 days'
            when {{ raw }} > 0 then
                'Recurring revenue grew by ' || {{ whole('100 * ' ~ raw) }} || '% in 90 days'
            else 'Recurring revenue did not change in 90 days'
        end
    when 'relationship' then 'Last conversation ' || {{ whole(raw) }} || ' day(s) ago'
end
{%- endmacro %}

{# A number as text without decimals. #}
{% macro whole(number) -%}
    cast(cast(round({{ number }}) as bigint) as {{ dbt.type_string() }})
{%- endmacro %}
