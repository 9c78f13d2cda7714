-- Every customer has exactly one next step at the run's date.
select
    health.account_id,
    count(action.account_id) as actions
from {{ ref('fct_account_health') }} as health
left outer join {{ ref('recommended_action') }} as action
    on health.account_id = action.account_id
where health.as_of_date = {{ as_of() }}
group by health.account_id
having count(action.account_id) <> 1
