select
    ticket_id,
    account_id,
    created_date,
    priority,
    status_label,
    first_response_hours,
    rating_label
from rpt_account_ticket
order by account_id, created_date, ticket_id
