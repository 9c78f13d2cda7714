-- The figures of the last backtest, each with its interval and in words.
{% set figure_words = [
    ('precision', 'share', 'Of the customers called, left', 'How many of the calls were right.'),
    (
        'event_rate', 'share', 'Of all customers, left',
        'What calling anybody at random would have given.',
    ),
    ('lift', 'number', 'Times better than at random', 'The first figure over the second.'),
    (
        'false_alarms', 'number', 'Calls a month to customers that stayed',
        'What a list costs in calls that were not needed, or that helped.',
    ),
    (
        'caught_share', 'share', 'Of the customers that left, called in time',
        'Called before it was known that they would leave.',
    ),
    ('caught_arr', 'money', 'ARR caught', 'What those customers paid when they left.'),
    ('caught_arr_share', 'share', 'Of the ARR that left, caught', 'The same as a share.'),
    (
        'days_of_warning', 'days', 'Days of warning',
        'From the first call to the day on which it was known; the median.',
    ),
] %}
with backtest as (
    select figures from {{ ref('rpt_backtest') }}
),

measured as (
    select
        figure.key as figure,
        figure.item
    from backtest
    cross join {{ json_entries('backtest.figures', 'figure') }}
),

words as (
    {% for name, unit, label, explanation in figure_words -%}
        select
            '{{ name }}' as figure,
            {{ loop.index }} as figure_order,
            '{{ unit }}' as unit,
            '{{ label }}' as figure_label,
            '{{ explanation }}' as explanation
        {% if not loop.last -%} union all {% endif %}
    {% endfor %}
),

final as (
    select
        cast(measured.figure as varchar) as figure,
        words.figure_order,
        cast(words.unit as varchar) as unit,
        cast(words.figure_label as varchar) as figure_label,
        cast(words.explanation as varchar) as explanation,
        cast({{ json_path_text('measured.item', ['value']) }} as double precision)
            as figure_value,
        cast({{ json_path_text('measured.item', ['low']) }} as double precision) as value_low,
        cast({{ json_path_text('measured.item', ['high']) }} as double precision) as value_high
    from measured
    inner join words on measured.figure = words.figure
)

select * from final
