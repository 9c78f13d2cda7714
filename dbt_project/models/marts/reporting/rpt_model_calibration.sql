-- Predicted against observed rates on held-out time, in groups of rising prediction.
with current_model as (
    select
        model_name,
        model_version
    from {{ ref('rpt_model') }}
),

model_run as (
    select
        current_model.model_name,
        model_run.metrics
    from current_model
    inner join {{ source('ml', 'model_run') }} as model_run
        on current_model.model_version = model_run.model_version
),

table_of as (
    select
        model_run.model_name,
        measure.item
    from model_run
    {{ json_object_rows('model_run.metrics', 'measure') }}
    where measure.key = 'calibration'
),

final as (
    select
        table_of.model_name || '-' || cast(bin.position as varchar) as calibration_id,
        cast(table_of.model_name as varchar) as model_name,
        cast(bin.position as integer) as bin,
        cast({{ json_text('bin.item', 'predicted') }} as double precision) as predicted_rate,
        cast({{ json_text('bin.item', 'observed') }} as double precision) as observed_rate,
        cast(cast({{ json_text('bin.item', 'rows') }} as numeric) as bigint) as rows_in_bin
    from table_of
    {{ json_array_rows('table_of.item', 'bin') }}
)

select * from final
