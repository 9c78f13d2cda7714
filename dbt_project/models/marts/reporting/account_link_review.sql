{{ config(materialized='view') }}

-- What `copilot identity suggest` found, less what was decided since.
with suggested as (
    select * from {{ source('ops', 'account_link_suggestion') }}
),

unmatched as (
    select * from {{ ref('unmatched_account_record') }}
),

accounts as (
    select * from {{ ref('dim_account') }}
),

declined as (
    select
        source,
        source_object,
        source_id,
        {{ identity_key('trim(account_source_id)') }} as account_key
    from {{ ref('account_link') }}
    where action = 'unlink'
),

open_suggestions as (
    select
        suggested.source,
        suggested.source_object,
        suggested.source_id,
        unmatched.account_name as record_name,
        unmatched.domain as record_domain,
        suggested.account_id,
        accounts.account_name,
        accounts.domain as account_domain,
        accounts.country as account_country,
        accounts.anchor_source_id,
        suggested.probability,
        suggested.evidence,
        suggested.suggested_at
    from suggested
    inner join unmatched
        on
            suggested.source = unmatched.source
            and suggested.source_object = unmatched.source_object
            and suggested.source_id = unmatched.source_id
    inner join accounts
        on suggested.account_id = accounts.account_id
    where
        not exists (
            select 1
            from declined
            where
                declined.source = suggested.source
                and declined.source_object = suggested.source_object
                and declined.source_id = suggested.source_id
                and coalesce(nullif(declined.account_key, ''), accounts.anchor_source_id)
                in (accounts.anchor_source_id, {{ identity_key('accounts.anchor_source_id') }})
        )
),

final as (
    select
        {{ record_key(['source', 'source_object', 'source_id', 'account_id']) }}
            as account_link_review_id,
        source,
        source_object,
        source_id,
        record_name,
        record_domain,
        account_id,
        account_name,
        account_domain,
        account_country,
        probability,
        row_number() over (
            partition by source, source_object, source_id
            order by probability desc, account_id asc
        ) as place,
        evidence,
        {{ csv_row([
            'source', 'source_object', 'source_id', "'link'", 'anchor_source_id', "''", "''", "''",
        ]) }} as link_row,
        {{ csv_row([
            'source', 'source_object', 'source_id', "'unlink'", 'anchor_source_id', "''", "''", "''",
        ]) }} as unlink_row,
        suggested_at
    from open_suggestions
    order by probability desc, source asc, source_object asc, source_id asc, account_id asc
)

select * from final
