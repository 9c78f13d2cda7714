-- What limits each model version, and what it must not be used for.
with model_run as (
    select
        model_version,
        card
    from {{ source('ml', 'model_run') }}
    where as_of_date <= {{ as_of() }}
),

final as (
    {% for kind in ['limits', 'not_for'] -%}
        select
            model_run.model_version || '-{{ kind }}-' || cast(note.place as varchar)
                as model_card_note_id,
            cast(model_run.model_version as varchar) as model_version,
            cast('{{ kind }}' as varchar) as kind,
            cast(note.place as integer) as note_order,
            cast({{ json_path_text('note.item', []) }} as varchar) as note
        from model_run
        cross join
            {{ json_elements_in_order(
                json_path_value('model_run.card', [kind]), 'note', 'item', 'place'
            ) }}
        {% if not loop.last -%} union all {% endif %}
    {% endfor %}
)

select * from final
