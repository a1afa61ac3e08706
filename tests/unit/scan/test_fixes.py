from __future__ import annotations

import codecs
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinward.core.policy import LifecyclePolicy
from pinward.rules.table import check, gather
from pinward.scan.fixes import apply
from pinward.scan.scanner import scan_file
from tests.unit.scan.reading import catalog

TODAY = date(2026, 11, 22)


def fixed(data: bytes, *, unsafe: bool = False) -> bytes:
    uses = scan_file("a.py", data, catalog().identify).uses
    findings = check(gather(uses, catalog(), TODAY, LifecyclePolicy()))
    return apply(data, findings, unsafe=unsafe).data


def test_an_alias_is_pinned_and_nothing_else_changes() -> None:
    before = b'# gpt-5.5\r\nask(model="openai/gpt-5.5", other=\'gpt-5.5\')\r\nif m == "gpt-5.5": pass\r\n'
    after = fixed(before)
    assert after == before.replace(b'"openai/gpt-5.5"', b'"openai/gpt-5.5-2026-04-23"').replace(
        b"other='gpt-5.5'", b"other='gpt-5.5-2026-04-23'"
    )
    assert fixed(after) == after


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_file_keeps_its_encoding(encoding: str) -> None:
    text = 'x = "é"\r\nask(model="gpt-5.5")\r\n'
    assert fixed(text.encode(encoding)).decode(encoding) == text.replace("gpt-5.5", "gpt-5.5-2026-04-23")


def test_a_dying_snapshot_is_never_written_in_and_a_move_is_asked_for() -> None:
    before = b'ask(model="gpt-4o")'
    assert fixed(before) == before
    assert fixed(before, unsafe=True) == b'ask(model="gpt-6-luna")'


def test_a_fine_tuned_model_is_never_edited() -> None:
    before = b'ask(model="ft:gpt-4o-2024-08-06:acme::abc")'
    assert fixed(before, unsafe=True) == before


def test_a_constant_is_never_overwritten_by_a_text() -> None:
    before = b"import openai\nask(model=openai.GPT_5_5)\n"
    assert fixed(before, unsafe=True) == before


@given(st.binary(max_size=200))
def test_without_findings_bytes_stay(data: bytes) -> None:
    assert apply(data, []).data == data


LINES = {
    'ask(model="gpt-5.5")': 'ask(model="gpt-5.5-2026-04-23")',
    'ask(model="openai/gpt-5.5", n=1)  # gpt-5.5 é': 'ask(model="openai/gpt-5.5-2026-04-23", n=1)  # gpt-5.5 é',
    '\task("gpt-5.5", model="gpt-5.5"); ask(model="gpt-5.5")': (
        '\task("gpt-5.5-2026-04-23", model="gpt-5.5-2026-04-23"); ask(model="gpt-5.5-2026-04-23")'
    ),
    'ask(model="gpt-4o")': 'ask(model="gpt-4o")',
    'ask(model="ft:gpt-4o-2024-08-06:acme::abc")': 'ask(model="ft:gpt-4o-2024-08-06:acme::abc")',
    'if name == "gpt-5.5":  pass': 'if name == "gpt-5.5":  pass',
    "# é gpt-5.5": "# é gpt-5.5",
    "": "",
    "x = 1  ": "x = 1  ",
}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(LINES)), st.sampled_from(["\n", "\r\n"])), max_size=6),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"]),
)
def test_only_names_that_are_sent_change_byte_by_byte_and_once(rows: list[tuple[str, str]], encoding: str) -> None:
    mark = codecs.BOM_UTF16_LE if encoding.endswith("-le") else codecs.BOM_UTF16_BE if encoding.endswith("-be") else b""
    before = mark + "".join(line + end for line, end in rows).encode(encoding)
    after = mark + "".join(LINES[line] + end for line, end in rows).encode(encoding)
    assert fixed(before) == after
    assert fixed(after) == after


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([b'ask(model="gpt-5.5")', b'"gpt-4o"', b"\xff", b"\r", b"\n", b"\xef\xbb\xbf"]), max_size=8
    )
)
def test_any_bytes_are_mended_to_a_state_that_stays(parts: list[bytes]) -> None:
    once = fixed(b"".join(parts), unsafe=True)
    again = fixed(once, unsafe=True)
    assert fixed(again, unsafe=True) == again
