{{ config(materialized='view') }}

-- What this run says of each account that has a score: the score, what it was made from, by which
-- rules, and which records made up the account.
with day_score as (
    select * from {{ ref('int_health__day_score') }}
    where
        as_of_date = {{ as_of() }}
        and (
            override_score is not null
            or coverage >= {{ health_rules().get('minimum_coverage', 0) }}
        )
),

links as (
    select
        account_id,
        {{ record_key([dbt.listagg(
            "source || '|' || source_object || '|' || source_id",
            "','",
            "order by source, source_object, source_id"
        )]) }} as identity
    from {{ ref('int_identity__account_link') }}
    group by account_id
),

final as (
    select
        day_score.account_id,
        day_score.as_of_date,
        day_score.segment,
        day_score.lifecycle_stage,
        coalesce(day_score.override_score, day_score.rule_score) as health_score,
        day_score.rule_score,
        day_score.override_id,
        {{ health_inputs() }} as inputs,
        links.identity,
        '{{ health_rules().get("rules_version", "") }}' as rules_version
    from day_score
    left outer join links on day_score.account_id = links.account_id
)

select * from final
