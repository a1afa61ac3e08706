from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from pinward.core.evidence import Call, Completion, Grade, Sample
from pinward.evals.store import SampleStore, StoredRun, is_live

CALL = Call("t", "c", "candidate")
KEPT = Sample(CALL, Completion("ok", "text"), Grade(0.5, False), "k1")


def stored_run(day: int, *texts: str, own: bool = False, passed: bool = True) -> StoredRun:
    """A run of one day whose answers to the keys k1, k2, ... are these texts."""
    samples = {
        f"k{n}": replace(KEPT, key=f"k{n}", completion=Completion("ok", text)) for n, text in enumerate(texts, 1)
    }
    return StoredRun(
        f"{day:040x}", datetime(2026, 11, day, tzinfo=UTC), own, frozenset({"t"} if passed else ()), samples
    )


def text(sample: Sample | None) -> str | None:
    return None if sample is None else sample.completion.text


def test_only_live_graded_answers_with_a_key_are_kept() -> None:
    others = (
        replace(KEPT, key=""),
        replace(KEPT, grade=None),
        replace(KEPT, stored=True),
        replace(KEPT, completion=Completion("ok", replayed=True)),
    )
    assert (is_live(KEPT), list(map(is_live, others))) == (True, [False] * 4)


def test_the_earliest_run_of_this_commit_answers_in_both_phases() -> None:
    store = SampleStore([stored_run(5, "later", own=True), stored_run(3, "earlier", own=True)])
    for phase in ("first", "confirm"):
        found = store.before(Call("t", "renamed", "baseline", phase), "k1")
        assert found is not None
        assert (text(found), found.stored, found.stands_in, found.call.case) == ("earlier", True, False, "renamed")
        assert store.source(found) == store.runs[1]
    assert store.before(CALL, "k2") is None


def test_a_run_of_the_default_branch_answers_nothing_until_it_is_chosen() -> None:
    run = stored_run(3, "proven")
    store = SampleStore([run])
    assert store.before(CALL, "k1") is None
    store.choose("t", "candidate", run)
    found = store.before(CALL, "k1")
    assert found is not None
    assert (text(found), found.stands_in, store.source(found)) == ("proven", True, run)
    assert store.before(replace(CALL, phase="confirm"), "k1") is None


def test_a_chosen_baseline_is_asked_first_unless_it_is_known_to_be_gone() -> None:
    run = stored_run(3, "proven")
    store = SampleStore([run])
    store.choose("t", "baseline", run)
    call = replace(CALL, arm="baseline")
    assert store.before(call, "k1") is None
    assert text(store.stand_in(call, "k1")) == "proven"
    store.gone.add("t")
    assert text(store.before(call, "k1")) == "proven"


def test_a_proof_is_the_latest_run_of_the_default_branch_that_passed_and_is_whole() -> None:
    runs = [stored_run(2, "a", "b"), stored_run(4, "a", "b"), stored_run(6, "a"), stored_run(8, "a", passed=False)]
    store = SampleStore([*runs, stored_run(9, "a", "b", own=True)])
    assert store.proof("t", "candidate", {"k1", "k2"}) is runs[1]
    assert store.proof("other", "candidate", {"k1"}) is None
    assert store.proof("t", "candidate", set()) is None


def test_a_candidate_that_the_latest_run_to_judge_it_blocked_has_no_proof_but_stands_in_for_a_baseline() -> None:
    blocked = stored_run(4, "a", passed=False)
    old = replace(KEPT, call=Call("t", "c", "baseline"), key="k1")
    repaired = replace(stored_run(6), samples={"k1": old})
    store = SampleStore([stored_run(2, "a"), blocked, repaired])
    assert store.proof("t", "candidate", {"k1"}) is None
    assert store.proof("t", "baseline", {"k1"}) is repaired
    again = stored_run(8, "a")
    assert SampleStore([*store.runs, again]).proof("t", "candidate", {"k1"}) is again


def test_a_live_sample_has_no_source() -> None:
    assert SampleStore([stored_run(3, "x", own=True)]).source(KEPT) is None
