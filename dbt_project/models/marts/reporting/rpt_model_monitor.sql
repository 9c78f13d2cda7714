-- What moved since each model learnt, as measured last.
with measured as (
    select
        *,
        max(as_of_date) over (partition by model_name) as last_date
    from {{ source('ml', 'model_monitor') }}
    where as_of_date <= {{ as_of() }}
),

final as (
    select
        model_name || '-' || monitor || '-' || subject as model_monitor_id,
        cast(model_name as varchar) as model_name,
        cast(model_version as varchar) as model_version,
        as_of_date,
        cast(monitor as varchar) as monitor,
        cast(subject as varchar) as subject,
        value as effect,
        low as effect_low,
        high as effect_high,
        threshold,
        is_flagged,
        cast(text as varchar) as monitor_text
    from measured
    where as_of_date = last_date
)

select * from final
