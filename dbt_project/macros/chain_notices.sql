{#- When the end of a chain was known: once the last of the rows that reach to it is cancelled, at the
    latest on the end itself. Rows: account_id, ended_on, noticed_on. -#}
{% macro chain_notices() -%}
    select
        account_id,
        ended_on,
        max(least(coalesce(cancelled_on, ended_on), ended_on)) as noticed_on
    from {{ ref('int_revenue__subscription_period') }}
    where ended_on is not null and mrr > 0 and not is_trial
    group by account_id, ended_on
{%- endmacro %}
