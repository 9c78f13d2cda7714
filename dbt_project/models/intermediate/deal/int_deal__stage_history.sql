-- The stage of each deal and since when: from the CRM's own history where it has one of the deal,
-- else from snapshots. Before the first row the stage is not known.
{% set columns = {
    'source': 'text',
    'deal_source_id': 'text',
    'stage': 'text',
    'changed_at': 'timestamp',
} %}

with unioned as (
    {{ union_enabled('int_deal__{source}_stage_change', sources_of('stage_history'), columns) }}
),

deals as (
    select
        deal_id,
        account_id,
        source,
        deal_source_id
    from {{ ref('int_deal') }}
),

recorded as (
    select
        deals.deal_id,
        unioned.stage,
        unioned.changed_at,
        'history' as origin
    from unioned
    inner join deals
        on
            unioned.source = deals.source
            and unioned.deal_source_id = deals.deal_source_id
),

known as (
    select * from recorded
    union all
    select
        record_key as deal_id,
        stage,
        dbt_valid_from as changed_at,
        'snapshot' as origin
    from {{ ref('snapshot_deal') }}
    where coalesce(dbt_valid_to > dbt_valid_from, true)
),

found as (
    {{ history_else_snapshots('known', ['deal_id']) }}
),

compared as (
    select
        *,
        lag(stage) over (partition by deal_id order by changed_at) as stage_before
    from found
),

numbered as (
    select
        *,
        row_number() over (partition by deal_id order by changed_at) as stage_no,
        lead(changed_at) over (partition by deal_id order by changed_at) as valid_to
    from compared
    where stage_before is null or coalesce(stage, '') <> stage_before
),

final as (
    select
        {{ record_key(['numbered.deal_id', 'cast(numbered.stage_no as text)']) }}
            as deal_stage_id,
        numbered.deal_id,
        deals.account_id,
        deals.source,
        numbered.stage,
        numbered.changed_at as valid_from,
        numbered.valid_to,
        numbered.origin
    from numbered
    inner join deals on numbered.deal_id = deals.deal_id
)

select * from final
