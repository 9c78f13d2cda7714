-- Which account each source record belongs to by itself, by the first rule that says one, in this
-- order: a decision made by hand, the account's own record, an id (all certain_link), the domain,
-- the account of most of the record's people. What was unlinked by hand is not linked to that
-- account by any rule.
with certain_link as (
    select * from {{ ref('int_identity__certain_link') }}
),

inferred_link as (
    select * from {{ ref('int_identity__inferred_link') }}
    where not is_named_like_another
),

ruled as (
    select
        source,
        source_object,
        source_id,
        account_id,
        match_rule,
        confidence,
        evidence
    from certain_link
    union all
    select
        source,
        source_object,
        source_id,
        account_id,
        match_rule,
        confidence,
        evidence
    from inferred_link
),

allowed as (
    select
        ruled.*,
        row_number() over (
            partition by ruled.source, ruled.source_object, ruled.source_id
            order by case ruled.match_rule when 'people' then 3 when 'domain' then 2 else 1 end
        ) as rank_of_rule
    from ruled
    where
        ruled.match_rule in ('anchor', 'manual')
        or {{ is_not_unlinked('ruled') }}
),

final as (
    select
        account_id,
        source,
        source_object,
        source_id,
        match_rule,
        confidence,
        evidence
    from allowed
    where rank_of_rule = 1
)

select * from final
