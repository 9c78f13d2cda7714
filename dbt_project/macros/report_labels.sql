{# Words for people in place of the names of features, measures and bands. #}
{% macro labelled(column, labels) -%}
    case {{ column }}
        {%- for name, label in labels.items() %}
        when '{{ name }}' then '{{ label }}'
        {%- endfor %}
        else {{ sentence_case(column) }}
    end
{%- endmacro %}

{# `executive_rescue` as "Executive rescue". #}
{% macro sentence_case(column) -%}
    upper(left({{ column }}, 1)) || replace(substring({{ column }}, 2), '_', ' ')
{%- endmacro %}

{# What weighs on a customer, where the score's reason says that it raises the risk. A feature that
   the model may read both ways (`ml/churn/schema.py`) has a label that takes no side. #}
{% macro signal_label(column) -%}
    {{ labelled(column, {
        'usage_trend': 'Product use is falling',
        'usage_recency': 'Nobody used the product lately',
        'days_since_last_event': 'Nobody used the product lately',
        'user_breadth': 'Few of the seats are used',
        'seat_utilisation': 'Few of the seats are used',
        'active_users_7d': 'Few active users',
        'active_users_28d': 'Few active users',
        'active_users_prev_28d': 'Use against the month before',
        'events_28d': 'Little activity in the product',
        'events_prev_28d': 'Use against the month before',
        'events_90d': 'Little activity in the product',
        'active_days_28d': 'Little activity in the product',
        'feature_breadth': 'Few features are used',
        'event_types_28d': 'Few features are used',
        'usage_depth_90d': 'People log in, and do little',
        'support_burden': 'Many support tickets',
        'tickets_30d': 'Number of support tickets',
        'tickets_90d': 'Number of support tickets',
        'support_quality': 'Slow answers or bad ratings',
        'slow_responses_90d': 'Slow answers or bad ratings',
        'bad_ratings_90d': 'Slow answers or bad ratings',
        'open_tickets': 'Number of support tickets',
        'open_urgent_tickets': 'Urgent support tickets are open',
        'payment': 'Late or overdue invoices',
        'invoices_overdue': 'Late or overdue invoices',
        'late_invoices_180d': 'Late or overdue invoices',
        'commercial_change': 'Revenue went down',
        'mrr_change_90d': 'Change of revenue',
        'mrr': 'Size of the contract',
        'seats': 'Size of the contract',
        'product_count': 'Number of products owned',
        'term_months': 'Length of the contract',
        'days_to_term_end': 'The contract ends soon',
        'cancelled_share': 'Notice was given',
        'tenure_days': 'Time as a customer',
        'relationship': 'Little contact with us',
        'touchpoints_90d': 'Contact with us',
        'days_since_touchpoint': 'Contact with us',
        'pulse': 'The CSM is worried',
        'override': 'Health was set by hand',
        'health_score': 'Health is below that of others',
        'base_rate': 'Too little is known',
    }) }}
{%- endmacro %}

{# A health measure, named so that more points are better. #}
{% macro measure_label(column) -%}
    {{ labelled(column, {
        'usage_trend': 'Trend of product use',
        'usage_recency': 'Recent product use',
        'user_breadth': 'Share of seats in use',
        'feature_breadth': 'Variety of product use',
        'support_burden': 'Few support tickets',
        'support_quality': 'Quality of support',
        'payment': 'Invoices paid in time',
        'commercial_change': 'Trend of revenue',
        'relationship': 'Contact with us',
        'pulse': 'Opinion of the CSM',
        'override': 'Set by hand',
    }) }}
{%- endmacro %}

{% macro band_label(column) -%}
    {{ labelled(column, {
        'healthy': 'Healthy', 'watch': 'Watch', 'at_risk': 'At risk', 'unknown': 'Unknown',
    }) }}
{%- endmacro %}

{# What a forecast of a renewal or of a lifetime rests on. #}
{% macro value_basis_label(column) -%}
    {{ labelled(column, {
        'cox': 'Age, term, price and earlier returns',
        'curve': 'Age and term',
        'constant': 'Average of all customers, as too few have left',
        'notice': 'Has been cancelled',
    }) }}
{%- endmacro %}
