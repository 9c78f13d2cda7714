{# What snapshot_health takes: what a run says of each account, and how it came from what was said of
   it before. The rules of then are gone, so the split is made while the new ones are at hand:

   weights    what was said before, made anew from what it was made from then, by today's rules
   identity   the same date as it is seen today, if other records make up the account now
   expiry     less what rests on evidence that has expired since, or on an override that has
   data       the rest: what happened since, or became known late

   A run for a past date takes nothing. #}
{% macro health_said_of(said, day_score, overrides) -%}
    {%- set stored = load_relation(this) if execute else none -%}
    {%- set measures = health_measures() -%}
    {%- set kept = [
        'account_id', 'as_of_date', 'segment', 'lifecycle_stage', 'health_score', 'rule_score',
        'override_id', 'inputs', 'identity', 'rules_version', 'previous_date', 'previous_score',
    ] %}
    with said as (
        select * from {{ said }}
        {%- if not takes_snapshot(stored) %}
            where false
        {%- endif %}
    ),

    {% if stored -%}
    earlier as (
        select
            *,
            row_number() over (
                partition by account_id
                order by as_of_date desc, coalesce(dbt_valid_to, cast('9999-12-31' as {{ data_type('timestamp') }})) desc
            ) as recency
        from {{ stored }}
        where as_of_date < {{ as_of() }} and coalesce(dbt_valid_to > dbt_valid_from, true)
    ),

    before as (
        select * from earlier
        where recency = 1
    ),
    {%- else -%}
    before as (
        select * from said
        where false
    ),
    {%- endif %}

    today as (
        select day_score.*
        from {{ day_score }} as day_score
        inner join said
            on
                day_score.account_id = said.account_id
                and day_score.as_of_date = said.as_of_date
    ),

    seen as (
        select day_score.*
        from {{ day_score }} as day_score
        inner join before
            on
                day_score.account_id = before.account_id
                and day_score.as_of_date = before.as_of_date
    ),

    kept_input as (
        select
            before.account_id,
            before.segment,
            before.lifecycle_stage,
            {{- health_all_fresh() }}
            {%- for name, measure in measures.items() %}
            {{ health_input('before.inputs', measure, 'seen.' ~ name ~ '_raw') }} as {{ name }}_raw
            {{- ',' if not loop.last }}
            {%- endfor %}
        from before
        left outer join seen on before.account_id = seen.account_id
    ),

    reweighted as (
        {{ health_score_of('kept_input') }}
    ),

    unexpired_input as (
        select
            seen.account_id,
            seen.segment,
            seen.lifecycle_stage,
            {{- health_all_fresh() }}
            {%- for name, measure in measures.items() %}
            case when today.{{ measure.evidence }}_fresh > 0 then seen.{{ name }}_raw end
                as {{ name }}_raw{{ ',' if not loop.last }}
            {%- endfor %}
        from seen
        inner join today on seen.account_id = today.account_id
    ),

    unexpired as (
        {{ health_score_of('unexpired_input') }}
    ),

    steps as (
        select
            said.*,
            before.as_of_date as previous_date,
            before.health_score as previous_score,
            case
                when before.rules_version = said.rules_version or before.override_id is not null
                    then before.health_score
                else coalesce(reweighted.rule_score, before.health_score)
            end as by_new_rules,
            coalesce(seen.override_score, seen.rule_score, before.health_score) as as_seen_now,
            before.identity <> said.identity as is_other_account,
            case
                when seen.override_id is null
                    then coalesce(unexpired.rule_score, seen.rule_score)
                when seen.override_id = said.override_id or not ended.is_expiring
                    then seen.override_score
                when ended.valid_to_date > said.as_of_date then seen.override_score
                else coalesce(unexpired.rule_score, seen.override_score)
            end as still_in_force
        from said
        left outer join before on said.account_id = before.account_id
        left outer join reweighted on said.account_id = reweighted.account_id
        left outer join seen on said.account_id = seen.account_id
        left outer join unexpired on said.account_id = unexpired.account_id
        left outer join {{ overrides }} as ended on seen.override_id = ended.override_id
    ),

    final as (
        select
            {{ kept | join(',\n            ') }},
            by_new_rules - previous_score as weights_part,
            case when is_other_account then as_seen_now - by_new_rules else 0 end
                as identity_part,
            coalesce(still_in_force - as_seen_now, 0) as expiry_part,
            {{ snapshot_time() }} as observed_at
        from steps
    )

    select * from final
    {%- if stored and not takes_snapshot(stored) %}
    union all
    select
        {{ (kept + ['weights_part', 'identity_part', 'expiry_part']) | join(',\n        ') }},
        dbt_valid_from as observed_at
    from {{ stored }}
    where dbt_valid_to is null
    {%- endif %}
{%- endmacro %}
