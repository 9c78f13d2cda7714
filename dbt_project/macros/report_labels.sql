{# Words for people in place of the names of features and health measures. #}
{% macro signal_label(column) -%}
    {%- set labels = {
        'usage_trend': 'Product use is falling',
        'active_users_7d': 'Few active users',
        'active_users_28d': 'Few active users',
        'active_users_prev_28d': 'Few active users',
        'user_breadth': 'Few of the seats are used',
        'seat_utilisation': 'Few of the seats are used',
        'events_28d': 'Little activity in the product',
        'events_prev_28d': 'Little activity in the product',
        'events_90d': 'Little activity in the product',
        'active_days_28d': 'Little activity in the product',
        'event_types_28d': 'Few features are used',
        'days_since_last_event': 'Time since the last use',
        'support_burden': 'Support trouble',
        'tickets_30d': 'Many support tickets',
        'tickets_90d': 'Many support tickets',
        'slow_responses_90d': 'Slow answers from support',
        'bad_ratings_90d': 'Bad ratings for support',
        'commercial_state': 'Payments and contract',
        'invoices_overdue': 'Overdue invoices',
        'late_invoices_180d': 'Invoices paid late',
        'mrr': 'Size of the contract',
        'mrr_change_90d': 'Revenue went down',
        'seats': 'Size of the contract',
        'product_count': 'Number of products owned',
        'term_months': 'Length of the contract',
        'days_to_term_end': 'The contract ends soon',
        'tenure_days': 'How long they have been a customer',
        'relationship': 'Little contact with us',
        'touchpoints_90d': 'Little contact with us',
        'days_since_touchpoint': 'Little contact with us',
    } -%}
    case {{ column }}
        {%- for name, label in labels.items() %}
        when '{{ name }}' then '{{ label }}'
        {%- endfor %}
        else replace({{ column }}, '_', ' ')
    end
{%- endmacro %}


{% macro measure_label(column) -%}
    {%- set labels = {
        'usage_trend': 'Trend of product use',
        'user_breadth': 'Share of seats in use',
        'support_burden': 'Ease of support',
        'commercial_state': 'Payments and contract',
        'relationship': 'Contact with us',
    } -%}
    case {{ column }}
        {%- for name, label in labels.items() %}
        when '{{ name }}' then '{{ label }}'
        {%- endfor %}
        else replace({{ column }}, '_', ' ')
    end
{%- endmacro %}


{% macro band_label(column) -%}
    case {{ column }}
        when 'healthy' then 'Healthy'
        when 'watch' then 'Watch'
        when 'at_risk' then 'At risk'
        else 'Unknown'
    end
{%- endmacro %}
