{# The column, or the columns together, are unique, and no part of the key is null. #}
{% test primary_key(model, column_name=none, columns=none) %}
{%- set key = columns or [column_name] %}
select
    {{ key | join(', ') }},
    count(*) as records
from {{ model }}
group by {{ key | join(', ') }}
having count(*) > 1 or {{ key | join(' is null or ') }} is null
{% endtest %}
