{{ config(indexes=[{'columns': ['as_of_date', 'account_id']}]) }}

-- What each measure's curve is laid over, for each customer and day: the quantity itself, its
-- change, or its place in the segment. Null where it is not known or its evidence has expired.
{{ health_raw_measures('true') }}
