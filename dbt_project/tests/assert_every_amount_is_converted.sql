-- A currency without a rate would make money vanish from every sum: seeds/exchange_rate.csv needs
-- rows for each currency that a source uses.
select
    source,
    currency,
    count(*) as rows_without_rate
from {{ ref('int_revenue__subscription_period') }}
where mrr is null
group by source, currency
union all
select
    source,
    currency,
    count(*) as rows_without_rate
from {{ ref('int_revenue__invoice') }}
where amount is null
group by source, currency
