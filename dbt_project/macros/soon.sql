{# Builds of a few accounts (`copilot watch`): the models are the same, into the schema `soon`, and
   only of the accounts in ops.soon_account. What is not selected is read as the night made it. #}

{# Whether a row belongs to the accounts that this build is about: true in every other build. #}
{% macro is_asked_for(account_id) -%}
    {%- if var('soon', false) -%}
        {{ account_id }} in (select account_id from {{ source('operations', 'soon_account') }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# The night's distributions; a day that it has not seen yet is measured by its last one. #}
{% macro health_reference_rows() -%}
    select * from {{ ref('int_health__reference') }}
    {%- if var('soon', false) %}
    union all
    select
        {{ as_of() }} as as_of_date,
        segment,
        quantity,
        customers,
        points
    from {{ ref('int_health__reference') }}
    where
        as_of_date < {{ as_of() }}
        and as_of_date = (select max(as_of_date) from {{ ref('int_health__reference') }})
    {%- endif %}
{%- endmacro %}

{# The versions that snapshot_ticket holds, as (ticket_id, status, priority, changed_at). Between two
   nights it lacks what they have not seen: what tickets say now counts from the run's date. #}
{% macro ticket_versions(tickets) -%}
    select
        record_key as ticket_id,
        status,
        priority,
        dbt_valid_from as changed_at
    from {{ ref('snapshot_ticket') }}
    where
        coalesce(dbt_valid_to > dbt_valid_from, true)
        {%- if var('soon', false) %}
        and not (dbt_valid_to is null and dbt_valid_from = {{ snapshot_time() }})
        {%- endif %}
    {%- if var('soon', false) %}
    union all
    select
        present.ticket_id,
        present.status,
        present.priority,
        {{ snapshot_time() }} as changed_at
    from {{ tickets }} as present
    left outer join {{ ref('snapshot_ticket') }} as seen
        on present.ticket_id = seen.record_key and seen.dbt_valid_to is null
    where
        seen.record_key is null
        or seen.dbt_valid_from = {{ snapshot_time() }}
        or coalesce(present.status, '') <> coalesce(seen.status, '')
        or coalesce(present.priority, '') <> coalesce(seen.priority, '')
    {%- endif %}
{%- endmacro %}

{# What makes a ticket severe, as it is now. #}
{% macro ticket_is_open(status) -%}
    coalesce({{ status }}, 'open') not in ('solved', 'closed', 'resolved', 'deleted')
{%- endmacro %}
