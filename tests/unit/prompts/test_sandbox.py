from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.prompts.sandbox import render_template, template_variables

DATA: dict[str, Json] = {"name": "ACME", "lines": [{"sku": "a<b", "n": 1}, {"sku": "c", "n": 2}], "ok": True}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hello {{ name }}", "Hello ACME"),
        ("{% for l in lines %}{{ loop.index }}:{{ l.sku }} {% endfor %}", "1:a<b 2:c "),
        ("{% for k, v in lines[0].items() %}{{ k }}={{ v }};{% endfor %}", "sku=a<b;n=1;"),
        ("{% if ok and name == 'ACME' %}yes{% else %}no{% endif %}", "yes"),
        ("{{ lines | tojson }}", '[{"sku": "a<b", "n": 1}, {"sku": "c", "n": 2}]'),
        ("{{ lines | map(attribute='sku') | join(', ') }}", "a<b, c"),
        ("{{ name.lower() | replace('a', 'b') | indent(2, first=true) }}", "  bcme"),
        ("{% set x = 1 + 2 %}{{ x * 2 }}{{ missing | default('-') }}", "6-"),
        ("{% for i in range(3) %}{{ i ~ name }}{% endfor %}", "0ACME1ACME2ACME"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("a\n", "a"),
    ],
)
def test_what_prompts_need_works(source: str, text: str) -> None:
    assert render_template(source, DATA) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ name.format_map }}{{ name.__init__ }}",
        "{{ lines.append(1) }}",
        "{{ '{0.__class__}'.format(name) }}",
        "{{ self._TemplateReference__context }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ name | attr('__class__') }}",
        "{{ lines | map(attribute='__class__') | list }}",
        "{% import 'x' as y %}",
        "{% include '/etc/passwd' %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ lipsum(1000000) }}",
        "{{ name | center(1000000000) }}",
        "{{ 10 ** 1000000 }}",
        "{% for i in range(1000000000) %}{% endfor %}",
        "{{ undefined_thing }}",
    ],
)
def test_internals_and_large_things_are_out_of_reach(source: str) -> None:
    started = time.process_time()
    with pytest.raises(ConfigError):
        render_template(source, DATA)
    assert time.process_time() - started < 1


BOMBS = {
    "loops in loops": "{% for a in range(9999) %}" * 3 + "{% endfor %}" * 3,
    "doubled text": "{% set a = 'xxxxxxxx' %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
    "doubled text by plus": "{% set a = 'xxxxxxxx' %}" + "{% set a = a + a %}" * 60 + "{{ a }}",
    "doubled list": "{% set a = [1] %}" + "{% set a = [a, a] %}" * 60 + "{{ a }}",
    "compared lists": "{% set a = [1] %}{% set b = [1] %}"
    + "{% set a = [a, a] %}{% set b = [b, b] %}" * 60
    + "{{ a == b }}",
    "replaced": "{% set a = 'aaaaaaaaaaaaaaaa' %}" + "{% set a = a | replace('a', a) %}" * 6 + "{{ a }}",
    "joined": "{% set a = 'aaaaaaaaaaaaaaaa' %}" + "{% set a = [a,a,a,a,a,a,a,a] | join(a) %}" * 12 + "{{ a }}",
    "indented": "{{ name | indent(1000000000, first=true) }}",
    "json indented": "{{ lines | tojson(1000000000) }}",
    "long output": "{% for a in range(9999) %}" + "x" * 200 + "{% endfor %}",
    "numbers": "{% set a = 99999999999 %}" + "{% set a = a * a %}" * 40 + "{{ a }}",
}


@pytest.mark.parametrize("source", BOMBS.values(), ids=BOMBS)
def test_a_bomb_ends_soon_with_a_clear_error(source: str) -> None:
    started = time.process_time()
    with pytest.raises(ConfigError) as caught:
        render_template(source, DATA)
    assert time.process_time() - started < 2
    assert caught.value.hint


def test_variables_are_named() -> None:
    assert template_variables("{% for l in lines %}{{ l }}{{ name }}{% endfor %}{{ range(2) }}") == {"lines", "name"}


@given(st.text("{}%|#- abx.'[]()~*+0\n", max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_template_renders_or_is_refused(source: str) -> None:
    refused = None
    try:
        render_template(source, {"a": "1", "b": [1], "x": {"a": 1}})
    except ConfigError as error:
        refused = error
    assert refused is None or refused.message
