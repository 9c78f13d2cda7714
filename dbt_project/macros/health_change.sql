{# What the curves were laid over, as one JSON object: the state from which a score can be made anew
   under other rules. Keys are those of `health_raw_key`. #}
{% macro health_inputs() -%}{{ adapter.dispatch('health_inputs', 'copilot')() }}{%- endmacro %}
{% macro default__health_inputs() -%}
    {%- set seen = {} -%}
    {%- for name, measure in health_measures().items() -%}
        {%- do seen.update({health_raw_key(measure) | trim: name}) -%}
    {%- endfor -%}
    jsonb_build_object(
        {%- for key, name in seen.items() %}
        '{{ key }}', {{ name }}_raw{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{# A measure's input as it was kept, or, if nobody kept it then, as it is seen now. #}
{% macro health_input(inputs, measure, else_seen) -%}
    {{ adapter.dispatch('health_input', 'copilot')(inputs, measure, else_seen) }}
{%- endmacro %}
{% macro default__health_input(inputs, measure, else_seen) -%}
    {%- set key = health_raw_key(measure) | trim -%}
    case
        when jsonb_exists({{ inputs }}, '{{ key }}')
            then cast({{ inputs }} ->> '{{ key }}' as numeric)
        else {{ else_seen }}
    end
{%- endmacro %}

{# The columns of evidence, all fresh: what is replayed is the score, not the coverage. #}
{% macro health_all_fresh() -%}
    {%- for kind in health_rules().get('evidence', {}) %}
        1 as {{ kind }}_fresh,
    {%- endfor %}
{%- endmacro %}
