-- Foretold against observed rates on held-out time, in groups of rising forecast.
with current_model as (
    select
        model_name,
        model_version
    from {{ ref('rpt_model') }}
),

model_run as (
    select
        model_version,
        {{ json_path_value('metrics', ['calibration']) }} as calibration
    from {{ source('ml', 'model_run') }}
),

latest as (
    select
        current_model.model_name,
        model_run.calibration
    from current_model
    inner join model_run on current_model.model_version = model_run.model_version
),

final as (
    select
        latest.model_name || '-' || cast(bin.position as varchar) as calibration_id,
        cast(latest.model_name as varchar) as model_name,
        cast(bin.position as integer) as bin,
        cast({{ json_path_text('bin.item', ['predicted']) }} as double precision)
            as predicted_rate,
        cast({{ json_path_text('bin.item', ['observed']) }} as double precision) as observed_rate,
        cast({{ json_path_text('bin.item', ['rows']) }} as bigint) as rows_in_bin
    from latest
    cross join {{ json_numbered_elements('latest.calibration', 'bin') }}
)

select * from final
