with source as (
    {{ read_raw("app", "account", {
        "account_id": "text",
        "name": "text",
        "domain": "text",
        "industry": "text",
        "segment": "text",
        "country": "text",
        "created_at": "timestamp",
        "csm_name": "text",
        "csm_email": "text",
        "csm_pulse": "text",
        "csm_pulse_on": "date",
        "_airbyte_extracted_at": "timestamp",
        "_airbyte_raw_id": "text",
    }) }}
),

latest as (
    {{ latest_row("source", ["account_id"]) }}
),

final as (
    select
        account_id,
        nullif(trim(name), '') as account_name,
        {{ web_domain('domain') }} as domain,
        industry,
        segment,
        country,
        created_at,
        csm_name,
        lower(csm_email) as csm_email,
        lower(trim(csm_pulse)) as pulse,
        csm_pulse_on as pulse_on
    from latest
)

select * from final
