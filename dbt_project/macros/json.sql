{# The text at a path of keys inside a JSON column; null where it is not there. #}
{% macro json_path_text(column, path) -%}{{ adapter.dispatch('json_path_text', 'copilot')(column, path) }}{%- endmacro %}
{% macro default__json_path_text(column, path) -%}
    ({{ column }} #>> '{{ "{" ~ path | join(",") ~ "}" }}')
{%- endmacro %}

{# The text of the value that a JSON object holds under a key which stands in another column. #}
{% macro json_text_of(column, key) -%}{{ adapter.dispatch('json_text_of', 'copilot')(column, key) }}{%- endmacro %}
{% macro default__json_text_of(column, key) -%}
    ({{ column }} ->> {{ key }})
{%- endmacro %}

{# The JSON value at a path of keys inside a JSON column. #}
{% macro json_path_value(column, path) -%}{{ adapter.dispatch('json_path_value', 'copilot')(column, path) }}{%- endmacro %}
{% macro default__json_path_value(column, path) -%}
    ({{ column }} #> '{{ "{" ~ path | join(",") ~ "}" }}')
{%- endmacro %}

{# For `cross join`: one row an element of a JSON array; anything else gives no row. #}
{% macro json_elements(array, alias, column) -%}
    {{ adapter.dispatch('json_elements', 'copilot')(array, alias, column) }}
{%- endmacro %}
{% macro default__json_elements(array, alias, column) -%}
    lateral jsonb_array_elements(
        case when jsonb_typeof({{ array }}) = 'array' then {{ array }} else '[]' end
    ) as {{ alias }} ({{ column }})
{%- endmacro %}

{# The same with the place of each element, from 1 on, as a second column. #}
{% macro json_elements_in_order(array, alias, column, place) -%}
    {{ adapter.dispatch('json_elements_in_order', 'copilot')(array, alias, column, place) }}
{%- endmacro %}
{% macro default__json_elements_in_order(array, alias, column, place) -%}
    lateral jsonb_array_elements(
        case when jsonb_typeof({{ array }}) = 'array' then {{ array }} else '[]' end
    ) with ordinality as {{ alias }} ({{ column }}, {{ place }})
{%- endmacro %}

{# The sum of one number of each element of a JSON array; 0 for none. #}
{% macro sum_of_json_numbers(array, key) -%}
    {{ adapter.dispatch('sum_of_json_numbers', 'copilot')(array, key) }}
{%- endmacro %}
{% macro default__sum_of_json_numbers(array, key) -%}
    coalesce(
        (
            select sum(cast(element.item ->> '{{ key }}' as numeric))
            from {{ json_elements(array, 'element', 'item') }}
        ),
        0
    )
{%- endmacro %}

{# For `cross join`: one row a part of a text that a separator divides; no text gives no row. #}
{% macro text_parts(text, separator, alias, column) -%}
    {{ adapter.dispatch('text_parts', 'copilot')(text, separator, alias, column) }}
{%- endmacro %}
{% macro default__text_parts(text, separator, alias, column) -%}
    lateral unnest(string_to_array({{ text }}, '{{ separator }}')) as {{ alias }} ({{ column }})
{%- endmacro %}

{# The sum of `amount` of those elements of a JSON array of discount amounts that come from a coupon
   which holds once; 0 for none. `discounts` is a JSON array of discounts with their coupons. #}
{% macro sum_of_once_discounts(amounts, discounts) -%}
    {{ adapter.dispatch('sum_of_once_discounts', 'copilot')(amounts, discounts) }}
{%- endmacro %}
{% macro default__sum_of_once_discounts(amounts, discounts) -%}
    coalesce(
        (
            select sum(cast(element.item ->> 'amount' as numeric))
            from {{ json_elements(amounts, 'element', 'item') }}
            where
                element.item ->> 'discount' in (
                    select coupon.item ->> 'id'
                    from {{ json_elements(discounts, 'coupon', 'item') }}
                    where
                        coalesce(
                            coupon.item #>> '{coupon,duration}',
                            coupon.item #>> '{source,coupon,duration}'
                        ) = 'once'
                )
        ),
        0
    )
{%- endmacro %}
