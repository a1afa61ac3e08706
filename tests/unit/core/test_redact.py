from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from functools import partial
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.redact import MASK, Redactor

SECRET = 'sk-Ab/9+"q\\\u00e9=0123456789'


def encoded(encode: Callable[[bytes], bytes], before: bytes, secret: str) -> str:
    return encode(before + secret.encode() + b"t").decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "json": json.dumps,
    "json utf-8": lambda s: json.dumps(s, ensure_ascii=False),
    "json twice": lambda s: json.dumps(json.dumps(s)),
    "json with escaped slashes": lambda s: json.dumps(s).replace("/", "\\/"),
    "url": lambda s: quote(s, safe=""),
    "url path": quote,
    "url lower case": lambda s: quote(s, safe="").replace("%2F", "%2f").replace("%C3%A9", "%c3%a9"),
    "form": quote_plus,
    "html": html.escape,
    **{f"base64 at {n}": partial(encoded, base64.b64encode, b"abcde"[:n]) for n in range(6)},
    **{f"base64url at {n}": partial(encoded, base64.urlsafe_b64encode, b"abc"[:n]) for n in range(3)},
}  # fmt: skip


@pytest.mark.parametrize("name", ENCODINGS)
def test_t14_a_secret_is_taken_out_in_every_encoding(name: str) -> None:
    written = f"before {ENCODINGS[name](SECRET)} after"
    clean = Redactor([SECRET])(written)
    assert MASK in clean
    assert "0123456" not in clean
    assert base64.b64encode(SECRET.encode()).decode()[6:16] not in clean
    assert clean.startswith("before ")
    assert clean.endswith(" after")


@given(
    secret=st.text(min_size=12, max_size=60).filter(lambda s: len(s.strip()) >= 12),
    before=st.binary(max_size=7),
    after=st.binary(max_size=7),
)
def test_t14_no_base64_of_a_secret_survives_whatever_stands_around_it(secret: str, before: bytes, after: bytes) -> None:
    try:
        raw = secret.encode()
    except UnicodeEncodeError:
        return
    written = base64.b64encode(before + raw + after).decode()
    clean = Redactor([secret])(written)
    assert MASK in clean
    assert len(clean.replace(MASK, "")) < len(written) - len(raw)


@given(st.text(), st.lists(st.text(max_size=3)))
def test_text_without_a_secret_and_values_too_short_to_be_one_are_left_alone(text: str, short: list[str]) -> None:
    assert Redactor(short)(text) == text


def test_each_long_line_of_a_key_file_is_a_secret() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n"
    assert Redactor([key])("x MIIEvQIBADANBg y") == "x *** y"


def test_the_longest_of_overlapping_secrets_wins() -> None:
    assert Redactor(["abcd", "abcd-efgh"])("abcd-efgh abcd") == "*** ***"
