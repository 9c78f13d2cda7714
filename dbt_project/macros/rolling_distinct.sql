{# Two CTEs that give, for each account and day, the change of the number of distinct `key`s seen
   in the last `days` days. A key seen on day d counts on d ... d + days - 1, or until the next day
   it is seen, whichever is first; nothing after a day changes that day's running sum. #}
{% macro rolling_distinct(name, key, days) -%}
{{ name }}_seen as (
    select
        usage_daily.account_id,
        usage_daily.usage_date,
        lead(usage_daily.usage_date) over (
            partition by usage_daily.account_id, usage_daily.{{ key }}
            order by usage_daily.usage_date
        ) as next_date
    from usage_daily
    inner join calendar_start on usage_daily.account_id = calendar_start.account_id
    where
        usage_daily.{{ key }} is not null
        and usage_daily.usage_date >= calendar_start.start_date
    group by usage_daily.account_id, usage_daily.{{ key }}, usage_daily.usage_date
),

{{ name }} as (
    select
        account_id,
        change_date,
        sum(change) as change
    from (
        select
            account_id,
            usage_date as change_date,
            1 as change
        from {{ name }}_seen
        union all
        select
            account_id,
            least({{ add_days('usage_date', days) }}, next_date) as change_date,
            -1 as change
        from {{ name }}_seen
    ) as changes
    group by account_id, change_date
)
{%- endmacro %}
