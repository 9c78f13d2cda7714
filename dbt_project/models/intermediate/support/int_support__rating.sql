-- Each rating that a ticket was given, and when another one took its place: from the desk's own
-- history, from snapshots of ratings, and the present one. So a rating that is changed later stays
-- what it was on the days before.
{% set columns = {
    'source': 'text',
    'ticket_id': 'text',
    'score': 'number',
    'rated_at': 'timestamp',
} %}

with recorded as (
    {{ union_enabled(
        'int_support__{source}_rating_change', sources_of('rating_history'), columns
    ) }}
),

found as (
    select
        source,
        ticket_id as source_ticket_id,
        score,
        rated_at,
        1 as preference
    from recorded
    union all
    select
        source,
        source_ticket_id,
        score,
        rated_at,
        2 as preference
    from {{ ref('snapshot_rating') }}
    union all
    select
        source,
        source_ticket_id,
        score,
        rated_at,
        3 as preference
    from {{ ref('int_support__present_rating') }}
),

ranked as (
    select
        tickets.account_id,
        tickets.ticket_id,
        found.source,
        found.score,
        found.rated_at,
        row_number() over (
            partition by tickets.ticket_id, found.rated_at
            order by found.preference, found.score
        ) as choice
    from found
    inner join {{ ref('int_support__ticket') }} as tickets
        on
            found.source = tickets.source
            and found.source_ticket_id = tickets.source_ticket_id
),

compared as (
    select
        *,
        lag(score) over (partition by ticket_id order by rated_at) as score_before
    from ranked
    where choice = 1
),

-- The same score again is no other rating, and no score before there was one is none.
changed as (
    select * from compared
    where coalesce(score, -1) <> coalesce(score_before, -1)
),

bounded as (
    select
        *,
        row_number() over (partition by ticket_id order by rated_at) as rating_no,
        lead(rated_at) over (partition by ticket_id order by rated_at) as replaced_at
    from changed
),

final as (
    select
        {{ record_key(['ticket_id', 'cast(rating_no as text)']) }} as rating_id,
        account_id,
        ticket_id,
        source,
        score,
        rated_at,
        replaced_at
    from bounded
    where score is not null
)

select * from final
