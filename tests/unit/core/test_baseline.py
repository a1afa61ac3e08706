from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.baseline import SCHEMA, parse, render
from pinward.core.findings import Finding, Location
from pinward.errors import ConfigError


def finding(mark: str, path: str = "a.py") -> Finding:
    return Finding("unused-ignore", "warning", "high", "m", "h", "u", mark, location=Location(path, 3, 1, 2))


@given(st.lists(st.tuples(st.text("0123456789abcdef", min_size=16, max_size=16), st.text(max_size=20))))
def test_what_is_written_is_read_back_whatever_the_paths_hold(rows: list[tuple[str, str]]) -> None:
    text = render(finding(mark, path) for mark, path in rows)
    assert parse(text.encode(), "known.json") == {mark for mark, _ in rows}


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"schema": "pinward.baseline/99", "findings": []},
        {"schema": ["pinward.baseline/1"], "findings": []},
        {"schema": SCHEMA},
        {"schema": SCHEMA, "findings": {}},
        {"schema": SCHEMA, "findings": ["x"]},
        {"schema": SCHEMA, "findings": [{"fingerprint": 1}]},
    ],
)
def test_what_is_no_baseline_is_refused_by_name(document: object) -> None:
    with pytest.raises(ConfigError, match=r"known\.json"):
        parse(json.dumps(document).encode(), "known.json")


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(ConfigError):
        parse(data, "known.json")


def test_a_baseline_of_a_later_version_says_that_it_is_one() -> None:
    with pytest.raises(ConfigError, match=r"a later Pinward wrote it \(pinward\.baseline/2\)"):
        parse(b'{"schema": "pinward.baseline/2", "findings": []}', "known.json")
