-- The card of each model version: what it was made from. Measures and limits stand in
-- rpt_model_card_metric and rpt_model_card_note. Versions from before there were cards have none.
with model_run as (
    select * from {{ source('ml', 'model_run') }}
    where
        as_of_date <= {{ as_of() }}
        and {{ json_path_text('card', ['horizon_days']) }} is not null
),

final as (
    select
        cast(model_version as varchar) as model_version,
        cast(model_name as varchar) as model_name,
        as_of_date,
        {% for key, kind in [
            ('horizon_days', 'bigint'), ('capacity_share', 'double precision'),
        ] -%}
            cast({{ json_path_text('card', [key]) }} as {{ kind }}) as {{ key }},
        {% endfor -%}
        {% for part in ['data', 'exam'] -%}
            cast({{ json_path_text('card', [part, 'start']) }} as date) as {{ part }}_start_date,
            cast({{ json_path_text('card', [part, 'end']) }} as date) as {{ part }}_end_date,
            {% for key in ['snapshots', 'accounts', 'events'] -%}
                cast({{ json_path_text('card', [part, key]) }} as bigint) as {{ part }}_{{ key }},
            {% endfor -%}
        {% endfor -%}
        cast(verdict as varchar) as verdict,
        cast(verdict_reason as varchar) as verdict_reason
    from model_run
)

select * from final
