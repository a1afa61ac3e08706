from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.evidence import Call, Completion, Fault, Grade, Sample, ToolCall, Usage
from pinward.errors import ConfigError
from pinward.evals.journal import Journal, read_sample, read_samples, sample_record

ANSWER = Completion("ok", "text", (ToolCall("f", "{}", "1"),), "stop", Usage(4, 3, 2, 1), 0.5, "m-1", "fp", 2, 0.01)
KEPT = Sample(Call("t", "c", "baseline"), ANSWER, Grade(0.5, False, parts=(Grade(1.0, True),)), "k1")


@given(
    st.builds(
        Sample,
        st.builds(Call, st.text(), st.text(), st.text(), st.sampled_from(["first", "confirm"]), st.integers(0, 9)),
        st.builds(
            Completion,
            st.sampled_from(["ok", "refused", "truncated"]),
            text=st.text(),
            latency=st.floats(0, 100),
            fault=st.none() | st.builds(Fault, st.just("server"), st.text()),
        ),
        st.none() | st.builds(Grade, st.floats(0, 1), st.booleans(), st.text()),
        st.text(),
        st.booleans(),
    )
)
def test_a_journal_line_says_everything(sample: Sample) -> None:
    assert read_sample(sample_record(sample)) == sample


def test_a_journal_with_a_broken_line_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    journal = Journal(path)
    journal.append(KEPT)
    journal.close()
    path.write_text(path.read_text() + '{"key": 1}\n')
    with pytest.raises(ConfigError, match=r"r\.jsonl:2"):
        list(read_samples(path))


def test_t14_a_journal_line_is_redacted(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "r.jsonl", lambda line: line.replace("secret", "***"))
    journal.append(replace(KEPT, completion=replace(ANSWER, text="my secret")))
    journal.close()
    assert "secret" not in (tmp_path / "r.jsonl").read_text()
    assert next(read_samples(tmp_path / "r.jsonl")).completion.text == "my ***"
