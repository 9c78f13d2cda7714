{# The stage of a customer whose chain runs; the first rule that holds gives it. The decision log
   says why these. All are expressions: whether it pays nothing just now, whether all that it has is
   cancelled, the days since its chain began, the longest term in months, the days to its end. #}
{% macro running_stage(pays_nothing, is_at_notice, days_running, term_months, days_to_renewal) -%}
    case
        when {{ is_at_notice }} then 'at_notice'
        when {{ pays_nothing }} then 'renewing'
        when {{ days_running }} < 90 then 'onboarding'
        when {{ term_months }} >= 6 and {{ days_to_renewal }} <= 60 then 'renewing'
        when {{ days_running }} < 180 then 'adopting'
        else 'steady'
    end
{%- endmacro %}
