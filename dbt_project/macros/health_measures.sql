{# The measures, a dictionary by name. #}
{% macro health_measures() -%}
    {{- return(health_rules().get('measures', {})) -}}
{%- endmacro %}

{# The days of all trends. #}
{% macro health_trend_days() -%}
    {%- set found = [] -%}
    {%- for measure in health_rules().get('measures', {}).values() if measure.curve.kind == 'trend' -%}
        {%- if measure.curve.days not in found -%}{%- do found.append(measure.curve.days) -%}{%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{# The quantities of which a place among all customers is asked. #}
{% macro health_ranked_quantities() -%}
    {%- set found = [] -%}
    {%- for measure in health_rules().get('measures', {}).values() if measure.curve.kind == 'percentile' -%}
        {%- if measure.quantity not in found -%}{%- do found.append(measure.quantity) -%}{%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{# Whether any rule asks for an account's segment. #}
{% macro health_knows_segments() -%}
    {%- set rules = health_rules() -%}
    {%- set entries = rules.get('weights', []) | selectattr('segment') | list -%}
    {%- set places = rules.get('measures', {}).values() | selectattr('curve.kind', 'eq', 'percentile') -%}
    {{- return(entries | length > 0 or places | list | length > 0) -}}
{%- endmacro %}

{# What the measure's curve is laid over, as far as it has a name: a later file may ask for another. #}
{% macro health_raw_key(measure) -%}
    {{- measure.quantity }}:{{ measure.curve.kind }}
    {%- if measure.curve.kind == 'trend' %}:{{ measure.curve.days }}{% endif -%}
{%- endmacro %}

{# Where `raw` lies between a curve's worst (0) and best (1), held within both; null stays null. #}
{% macro health_value(raw, curve) -%}
    case
        when {{ raw }} is not null
            then round(
                cast(
                    least(
                        greatest(
                            ({{ raw }} - ({{ curve.worst }}))
                            / (cast({{ curve.best }} as numeric) - ({{ curve.worst }})),
                            0
                        ),
                        1
                    ) as numeric
                ),
                6
            )
    end
{%- endmacro %}

{# The weight of a measure for a row with `segment` and `lifecycle_stage`: the first entry of the
   file that matches and names it, else its own. #}
{% macro health_weight(name, measure) -%}
    {%- set others = [] -%}
    {%- for entry in health_rules().get('weights', []) if name in entry.weights -%}
        {%- do others.append(entry) -%}
    {%- endfor -%}
    {%- if others -%}
    case
        {%- for entry in others %}
        when
            {% if entry.segment -%}
                coalesce(segment, '') = {{ text_literal(entry.segment) }}
            {%- endif -%}
            {%- if entry.segment and entry.stage %} and {% endif -%}
            {%- if entry.stage -%}
                coalesce(lifecycle_stage, '') = {{ text_literal(entry.stage) }}
            {%- endif %}
            then cast({{ entry.weights[name] }} as numeric)
        {%- endfor %}
        else {{ measure.weight }}
    end
    {%- else -%}
    cast({{ measure.weight }} as numeric)
    {%- endif -%}
{%- endmacro %}

{# A text as SQL. #}
{% macro text_literal(text) -%}'{{ text | replace("'", "''") }}'{%- endmacro %}

{# The change of a quantity against then, -1 to 1: nothing left is -1, whatever there was. What was
   not there then counts as none. #}
{% macro health_change(now, then) -%}
    case
        when {{ now }} = 0 then -1
        when {{ now }} is not null
            then round(
                ({{ now }} - coalesce({{ then }}, 0))
                / nullif(abs({{ now }}) + abs(coalesce({{ then }}, 0)), 0),
                6
            )
    end
{%- endmacro %}
