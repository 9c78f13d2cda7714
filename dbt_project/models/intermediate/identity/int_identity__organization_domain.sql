{{ config(enabled=source_enabled('zendesk') or source_enabled('freshdesk')) }}

-- Of the domains that a desk lists for an organisation the first that may tell it from others: no
-- free mail, and not known to be shared. Where there is none such, the first.
{%- set organizations = {
    'zendesk': {'model': 'stg_zendesk__organization', 'id': 'organization_id'},
    'freshdesk': {'model': 'stg_freshdesk__company', 'id': 'company_id'},
} %}

with organizations as (
    {%- for source in enabled_sources(organizations | list) %}
        select
            '{{ source }}' as source,
            {{ organizations[source].id }} as source_id,
            domains
        from {{ ref(organizations[source].model) }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
),

listed as (
    select
        organizations.source,
        organizations.source_id,
        {{ web_domain(json_path_text('part.item', [])) }} as domain,
        part.place
    from organizations
    cross join {{ json_elements_in_order('organizations.domains', 'part', 'item', 'place') }}
),

ranked as (
    select
        listed.source,
        listed.source_id,
        listed.domain,
        row_number() over (
            partition by listed.source, listed.source_id
            order by
                case
                    when free_mail_domain.domain is null and shared_domain.domain is null then 1
                    else 2
                end,
                listed.place
        ) as place
    from listed
    left outer join {{ ref('free_mail_domain') }} as free_mail_domain
        on listed.domain = free_mail_domain.domain
    left outer join {{ ref('shared_domain') }} as shared_domain
        on listed.domain = lower(trim(shared_domain.domain))
    where listed.domain is not null
),

final as (
    select
        source,
        source_id,
        domain
    from ranked
    where place = 1
)

select * from final
