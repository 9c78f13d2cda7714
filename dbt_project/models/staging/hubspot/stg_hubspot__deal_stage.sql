-- The stages of every pipeline, with what each means.
with source as (
    {{ read_raw("hubspot", "deal_pipelines", {
        "pipelineId": "text",
        "stages": "json",
    }) }}
),

final as (
    select
        source."pipelineId" as pipeline_id,
        stage.item ->> 'stageId' as stage_id,
        stage.item ->> 'label' as stage,
        lower({{ json_path_text('stage.item', ['metadata', 'isClosed']) }}) = 'true' as is_closed,
        {{ safe_number(json_path_text('stage.item', ['metadata', 'probability'])) }} = 1 as is_won
    from source
    cross join {{ json_elements('source.stages', 'stage', 'item') }}
)

select * from final
