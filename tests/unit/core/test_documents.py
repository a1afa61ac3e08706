from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.documents import decode, load_yaml
from pinward.core.policy import Json
from pinward.errors import ConfigError

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_what_json_can_say_is_read_unchanged(value: Json) -> None:
    assert load_yaml(json.dumps(value, ensure_ascii=False), "x.yml").value == value


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_text_is_either_read_or_refused_with_its_file(text: str) -> None:
    refusal = None
    try:
        load_yaml(text, "x.yml")
    except ConfigError as error:
        refusal = error
    assert refusal is None or (refusal.message.startswith("x.yml") and refusal.hint)


@pytest.mark.parametrize("word", ["2026-11-22", "yes", "no", "on", "off", "0o7", "1_000", "12:30", ".inf", ".nan"])
def test_words_that_yaml_would_turn_into_something_else_stay_text(word: str) -> None:
    assert load_yaml(f"a: {word}", "x.yml").value == {"a": word}


def test_numbers_are_numbers_and_quoted_numbers_are_text() -> None:
    assert load_yaml("{a: 1, b: '1', c: 0.5, d: 1e3}", "x.yml").value == {"a": 1, "b": "1", "c": 0.5, "d": 1000.0}


def test_each_key_and_item_knows_its_line() -> None:
    document = load_yaml("a:\n  - b: 1\n  - c:\n      d: 2\n", "x.yml")
    assert document.where(("a", 1, "c", "d")) == "x.yml:4"
    assert document.where(("a", 1, "gone")) == "x.yml:3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "x.yml:2: the key `a` stands twice (first on line 1)"),
        ("a: &x 1\nb: *x", "x.yml:1: anchors and aliases are not allowed"),
        ("a: !!python/object:os.system x", "x.yml:1: tags such as"),
        ("? [a]\n: b", "x.yml:1: a key must be text"),
        ("a: 1\n---\nb: 2", "x.yml:2: a second document begins here"),
        ("a: [1", "x.yml:2: not valid YAML"),
        ("a: \x07", "x.yml: not valid YAML"),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_yaml(text, "x.yml")
    assert caught.value.message.startswith(message)


def test_t16_a_yaml_bomb_is_refused_at_once() -> None:
    bomb = "a: &a [x,x]\n" + "".join(f"{b}: &{b} [*{a},*{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    started = time.process_time()
    with pytest.raises(ConfigError):
        load_yaml(bomb, "x.yml")
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 5000, "- " * 5000 + "x"])
def test_t17_deep_nesting_is_a_clean_error(text: str) -> None:
    with pytest.raises(ConfigError, match=r"nested deeper than 64|not valid YAML"):
        load_yaml(text, "x.yml")


def test_too_many_values_are_refused_by_number() -> None:
    assert load_yaml("[" + "1," * 1_000 + "]", "x.yml", max_values=1_001).value == [1] * 1_000
    with pytest.raises(ConfigError, match="more than 1,000 values"):
        load_yaml("[" + "1," * 1_000 + "]", "x.yml", max_values=1_000)


def test_dates_agree_with_no_yaml_library_default() -> None:
    assert yaml.safe_load("2026-11-22") != load_yaml("2026-11-22", "x.yml").value


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\0b", "x: is a binary file"),
        (b"ok\n\xff", "x:2: is not UTF-8 (byte 0xff)"),
        (b"x" * 11, "x: 11 bytes; at most 10 are read"),
    ],
)
def test_bytes_that_are_no_utf8_text_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        decode(data, "x", max_bytes=10)
    assert caught.value.message == message


def test_a_byte_order_mark_is_dropped() -> None:
    assert decode(b"\xef\xbb\xbfa: 1", "x") == "a: 1"
