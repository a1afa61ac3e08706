from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.evidence import Call, Completion, Fault, Grade, Sample, ToolCall, Usage
from pinward.errors import ConfigError
from pinward.evals.journal import Journal, Kept, is_graded, read_sample, read_samples, sample_record

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


def test_samples_are_found_by_key_the_first_of_a_key_and_only_those_that_are_wanted(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "r.jsonl")
    written = [replace(KEPT, grade=None), KEPT, replace(KEPT, stored=True), replace(KEPT, key="k2")]
    for sample in written:
        journal.append(sample)
    journal.close()
    assert dict(Kept(tmp_path / "r.jsonl", is_graded)) == {"k1": written[1], "k2": written[3]}
    with pytest.raises(KeyError):
        Kept(tmp_path / "r.jsonl", is_graded)["k3"]


def test_what_stood_in_a_journal_before_this_run_is_told_apart_from_what_it_writes(tmp_path: Path) -> None:
    first = Journal(tmp_path / "r.jsonl")
    first.append(replace(KEPT, grade=None))
    first.append(KEPT)
    first.close()
    with (tmp_path / "r.jsonl").open("a") as torn:
        torn.write('{"key": "half of a li')
    resumed = Journal(tmp_path / "r.jsonl")
    resumed.append(replace(KEPT, key="k2"))
    resumed.close()
    assert list(resumed.earlier()) == [replace(KEPT, grade=None), KEPT]
    assert [sample.key for sample in read_samples(tmp_path / "r.jsonl")] == ["k1", "k1", "k2"]
