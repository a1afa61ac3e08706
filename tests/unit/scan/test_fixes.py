from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
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
