-- A row of seeds/account_link.csv that cannot be followed would do nothing in silence, or take a
-- record from the account whose id it names and give it to none. Rows about a source that
-- copilot.yml does not list wait for it.
{%- set known = known_sources() %}

with decisions as (
    select
        source,
        source_object,
        source_id,
        action,
        nullif(trim(account_source_id), '') as account_source_id
    from {{ ref('account_link') }}
    where source is not null and source_object is not null and source_id is not null
),

records as (
    select * from {{ ref('int_identity__source_account') }}
),

accounts as (
    select * from {{ ref('int_identity__anchor_record') }}
),

unknown_sources as (
    select
        decisions.*,
        'there is no source ' || decisions.source || '; write one of'
        || ' {{ known | join(", ") }}' as problem
    from decisions
    where
        decisions.source not in (
            {%- for name in known %}
                '{{ name }}'{{ "," if not loop.last }}
            {%- endfor %}
        )
),

unknown_records as (
    select
        decisions.*,
        'no such record belongs, or could belong, to an account: correct source_object and'
        || ' source_id (marts.unmatched_account_record and marts.account_source_link list them),'
        || ' or take the row out if the source has the record no more' as problem
    from decisions
    left outer join records
        on
            decisions.source = records.source
            and decisions.source_object = records.source_object
            and decisions.source_id = records.source_id
    where records.source_id is null and {{ in_enabled_sources('decisions.source') }}
),

unknown_accounts as (
    select
        decisions.*,
        'no account has the id ' || decisions.account_source_id || ': account_source_id must be the'
        || ' id of a record ({{ anchor_object() }}) of {{ anchor_source() }}' as problem
    from decisions
    left outer join accounts
        on {{ identity_key('decisions.account_source_id') }} = accounts.record_key
    where
        decisions.account_source_id is not null
        and accounts.record_key is null
        and {{ in_enabled_sources('decisions.source') }}
),

links_to_nothing as (
    select
        decisions.*,
        'a link must name the account, in account_source_id' as problem
    from decisions
    where decisions.action = 'link' and decisions.account_source_id is null
),

several as (
    select
        source,
        source_object,
        source_id
    from decisions
    where action = 'link'
    group by source, source_object, source_id
    having count(*) > 1
),

links_to_several as (
    select
        decisions.*,
        'the record is linked to several accounts: keep one of these rows' as problem
    from decisions
    inner join several
        on
            decisions.source = several.source
            and decisions.source_object = several.source_object
            and decisions.source_id = several.source_id
    where decisions.action = 'link'
),

problems as (
    select * from unknown_sources
    union all
    select * from unknown_records
    union all
    select * from unknown_accounts
    union all
    select * from links_to_nothing
    union all
    select * from links_to_several
),

final as (
    select
        'seeds/account_link.csv, row ' || source || ',' || source_object || ',' || source_id || ','
        || action || ',' || coalesce(account_source_id, '') || ': ' || problem as problem
    from problems
)

select * from final
