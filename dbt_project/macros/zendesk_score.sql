{# Zendesk's word for a rating as a score: good is 5, bad is 1, anything else is no rating. #}
{% macro zendesk_score(word) -%}
    case
        when {{ word }} in ('good', 'good_with_comment', 'good_without_comment') then 5
        when {{ word }} in ('bad', 'bad_with_comment', 'bad_without_comment') then 1
    end
{%- endmacro %}
