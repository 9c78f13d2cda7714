{{ config(materialized='table') }}

-- A table, since a view would keep migrations from changing what it reads.
with source as (
    select * from {{ source('operations', 'health_override') }}
),

final as (
    select
        override_id,
        account_id,
        health_score,
        reason,
        set_on,
        expires_on,
        withdrawn_on
    from source
)

select * from final
