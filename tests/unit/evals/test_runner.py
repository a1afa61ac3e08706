from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.core.evidence import Call, Case, Completion, Evidence, Fault, Grade, Request, Round, Sample, Verdict
from pinward.core.policy import BudgetPolicy
from pinward.errors import BudgetError, CredentialError, InternalError
from pinward.evals.budget import Ledger
from pinward.evals.interleave import interleave
from pinward.evals.journal import Journal, read_samples
from pinward.evals.runner import Edges, Limits, Progress, run, sample_key
from tests.unit.evals.fakes import FakeClient, FlatPrices, arms, case, first_round, runner, work

DONE = Verdict("pass", ("done",))
NOTHING = Evidence(())


def once(planned: Round, then: Verdict = DONE):  # type: ignore[no-untyped-def]  # a next_round that plans one round
    return lambda evidence: then if evidence.samples or evidence.stopped else planned


def test_a_round_is_made_whole_and_returned_in_its_own_order() -> None:
    old, new = FakeClient("a"), FakeClient("b")
    planned = first_round(20)
    evidence, verdict, caught = run(NOTHING, once(planned), lambda: runner(work(20, old, new)))
    assert (verdict, caught, evidence.stopped) == (DONE, None, None)
    assert [s.call for s in evidence.samples] == list(planned.calls)
    assert all(s.completion.text == f"input of {s.call.case}" for s in evidence.samples)
    assert all(s.completion.cost_usd == 1.5 and s.grade == Grade(1.0, True) for s in evidence.samples)


def test_arms_take_turns_and_take_turns_in_going_first() -> None:
    calls = first_round(3).calls
    order = [(calls[place].case, calls[place].arm[0]) for place in interleave(calls)]
    assert order == [("c0", "b"), ("c0", "c"), ("c1", "c"), ("c1", "b"), ("c2", "b"), ("c2", "c")]


@given(
    st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from(["baseline", "candidate", "third"]), st.integers(0, 9)))
)
def test_interleaving_loses_and_doubles_nothing(planned: list[tuple[str, str, int]]) -> None:
    calls = [Call(task, f"c{n}", arm, "first", repeat) for repeat, (task, arm, n) in enumerate(planned)]
    assert sorted(interleave(calls)) == list(range(len(calls)))


def test_each_client_gets_no_more_calls_at_once_than_it_may() -> None:
    old, new = FakeClient("a", 0.005), FakeClient("b", 0.005)
    run(NOTHING, once(first_round(40)), lambda: runner(work(40, old, new, 3, 7)))
    assert (old.most, new.most) == (3, 7)


def test_infra_errors_are_not_graded_and_refusals_are() -> None:
    def answer(request: Request) -> Completion:
        fault = Fault("server", "HTTP 503", 503)
        return Completion("infra_error", fault=fault) if "c0" in request.messages[0].content else Completion("refused")

    client = FakeClient(answer=answer)
    evidence, *_ = run(NOTHING, once(first_round(2)), lambda: runner(work(2, client, client)))
    assert [s.grade is None for s in evidence.samples] == [True, False, True, False]


def test_a_fallbacks_answer_is_left_out_of_the_comparison() -> None:
    client = FakeClient(answer=lambda _: Completion("ok", "x", answered_by="other/model"))
    evidence, *_ = run(NOTHING, once(first_round(1)), lambda: runner(work(1, client, client)))
    assert [(s.grade, s.completion.answered_by) for s in evidence.samples] == [(None, "other/model")] * 2


def test_an_interrupted_run_resumes_without_repeating_a_call(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    first = FakeClient()
    journal = Journal(path)
    run(NOTHING, once(first_round(5)), lambda: runner(work(5, first, first), journal=journal))
    journal.close()
    path.write_bytes(path.read_bytes() + b'{"key": "torn')
    second = FakeClient()
    again = Journal(path)
    evidence, *_ = run(NOTHING, once(first_round(8)), lambda: runner(work(8, second, second), journal=again))
    sha = again.close()
    assert len(second.asked) == 6
    assert len(evidence.samples) == 16
    assert [s.call for s in evidence.samples] == list(first_round(8).calls)
    assert sorted(s.call for s in read_samples(path)) == sorted(first_round(8).calls)
    assert len(sha) == 64


def test_a_call_that_failed_before_the_interruption_is_made_again(tmp_path: Path) -> None:
    broken = FakeClient(answer=lambda _: Completion("infra_error", fault=Fault("server", "HTTP 500", 500)))
    journal = Journal(tmp_path / "r.jsonl")
    run(NOTHING, once(first_round(2)), lambda: runner(work(2, broken, broken), journal=journal))
    journal.close()
    well = FakeClient()
    again = Journal(tmp_path / "r.jsonl")
    evidence, *_ = run(NOTHING, once(first_round(2)), lambda: runner(work(2, well, well), journal=again))
    again.close()
    assert len(well.asked) == 4
    assert all(s.grade for s in evidence.samples)


def test_a_call_that_the_store_answers_is_not_made() -> None:
    calls = (Call("t", "c0", "baseline"), Call("t", "c0", "baseline", "confirm"))
    client = FakeClient()

    def stored(call: Call, key: str) -> Sample | None:
        kept = Sample(call, Completion("ok", "from the store"), Grade(1.0, True), key, stored=True)
        return kept if call.phase == "first" else None

    made = runner(work(1, client, client), edges=Edges(stored=stored, preflight=True))
    evidence, *_ = run(NOTHING, once(Round(calls[:1], "")), lambda: made)
    assert ([s.completion.text for s in evidence.samples], client.asked) == (["from the store"], [])
    evidence, *_ = run(
        NOTHING, once(Round(calls, "")), lambda: runner(work(1, client, client), edges=Edges(stored=stored))
    )
    assert [(s.stored, s.completion.text) for s in evidence.samples] == [
        (True, "from the store"),
        (False, "input of c0"),
    ]


def test_a_baseline_that_is_gone_is_replaced_by_its_stored_answer_and_a_candidate_never_is() -> None:
    dead = FakeClient(answer=lambda _: Completion("model_unavailable", fault=Fault("not_found", "HTTP 404", 404)))

    def stand_in(call: Call, key: str) -> Sample:
        return Sample(call, Completion("ok", "from the store"), Grade(1.0, True), key, stored=True, stands_in=True)

    edges = Edges(stand_in=stand_in)
    evidence, *_ = run(NOTHING, once(first_round(1)), lambda: runner(work(1, dead, dead), edges=edges))
    assert {s.call.arm: s.completion.outcome for s in evidence.samples} == {
        "baseline": "ok",
        "candidate": "model_unavailable",
    }


def test_beyond_a_number_of_samples_only_figures_stay_in_memory_and_the_journal_holds_the_rest(tmp_path: Path) -> None:
    client = FakeClient()
    journal = Journal(tmp_path / "r.jsonl")
    limits = Limits(whole_samples=4)
    evidence, *_ = run(NOTHING, once(first_round(5)), lambda: runner(work(5, client, client, 1, 1), limits, journal))
    journal.close()
    assert sum(bool(s.completion.text) for s in evidence.samples) == 4
    assert all(s.completion.cost_usd == 1.5 and s.grade and s.grade.score == 1 for s in evidence.samples)
    assert all(s.completion.text and s.key for s in read_samples(tmp_path / "r.jsonl"))


def test_the_run_deadline_breaks_calls_off_and_keeps_what_arrived() -> None:
    quick, stuck = FakeClient("a"), FakeClient("b", delay=60)
    started = time.monotonic()
    limits = Limits(run_seconds=0.3)
    evidence, *_ = run(NOTHING, once(first_round(4)), lambda: runner(work(4, quick, stuck), limits))
    assert time.monotonic() - started < 2
    assert evidence.stopped == "deadline"
    assert {s.call.arm for s in evidence.samples} == {"baseline"}
    assert all(timeout <= 0.3 for timeout in stuck.timeouts)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_f25_a_signal_leaves_what_arrived_within_seven_seconds(number: signal.Signals, tmp_path: Path) -> None:
    quick, stuck = FakeClient("a"), FakeClient("b", delay=60)
    journal = Journal(tmp_path / "r.jsonl")
    timer = threading.Timer(0.3, os.kill, (os.getpid(), number))
    timer.start()
    started = time.monotonic()
    evidence, verdict, caught = run(
        NOTHING, once(first_round(4)), lambda: runner(work(4, quick, stuck), journal=journal)
    )
    journal.close()
    assert time.monotonic() - started < 7
    assert (caught, evidence.stopped, verdict) == (number, "cancelled", DONE)
    assert {s.call.arm for s in evidence.samples} == {"baseline"}
    assert len(list(read_samples(tmp_path / "r.jsonl"))) == 4
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_f25_who_handled_a_signal_before_the_calls_handles_it_after_them(number: signal.Signals) -> None:
    caught: list[int] = []
    before = signal.signal(number, lambda got, _: caught.append(got))
    try:
        run(NOTHING, once(first_round(1)), lambda: runner(work(1, FakeClient(), FakeClient())))
        if callable(signal.getsignal(number)):
            signal.raise_signal(number)
    finally:
        signal.signal(number, before)
    assert caught == [number]


class Loud(Evidence):
    """Evidence that notes who writes it out: of 100,000 cases that takes as much memory as the verdict."""

    written = 0

    def __repr__(self) -> str:
        type(self).written += 1
        return "evidence"


def test_ending_a_run_does_not_write_its_evidence_out() -> None:
    evidence, *_ = run(Loud(()), lambda _: DONE, lambda: runner(work(1, FakeClient(), FakeClient())))
    assert isinstance(evidence, Loud)
    assert Loud.written == 0


def test_f25_an_answer_that_is_about_to_arrive_is_kept() -> None:
    slow = FakeClient(delay=0.6)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    evidence, *_ = run(NOTHING, once(first_round(8)), lambda: runner(work(8, slow, slow, 2, 2)))
    assert evidence.stopped == "cancelled"
    assert len(evidence.samples) == 2


def test_a_fault_of_our_own_ends_the_run_loudly_and_quickly() -> None:
    async def broken(case: Case, completion: Completion) -> Grade | None:
        raise ZeroDivisionError

    client = FakeClient(delay=0.01)
    todo = replace(work(50, client, client), grade=broken)
    with pytest.raises(ZeroDivisionError):
        run(NOTHING, once(first_round(50)), lambda: runner(todo))
    assert len(client.asked) < 50


def test_connections_are_closed_at_the_end_and_after_a_fault() -> None:
    closed: list[str] = []

    async def close() -> None:
        closed.append("x")

    client = FakeClient()
    run(NOTHING, once(first_round(1)), lambda: runner(work(1, client, client)), close)
    with pytest.raises(InternalError):
        run(NOTHING, lambda _: Round((), "nothing"), lambda: runner(work(1, client, client)), close)
    assert closed == ["x", "x"]


def test_a_plan_that_asks_for_more_after_the_run_was_stopped_is_our_fault() -> None:
    stuck = FakeClient(delay=60)
    with pytest.raises(InternalError):
        run(NOTHING, lambda _: first_round(1), lambda: runner(work(1, stuck, stuck), Limits(run_seconds=0.05)))


def test_progress_counts_every_answer() -> None:
    seen: list[Progress] = []
    client = FakeClient()
    run(NOTHING, once(first_round(3)), lambda: runner(work(3, client, client), edges=Edges(progress=seen.append)))
    assert [(p.done, p.total, p.why) for p in seen] == [(n, 6, "first pass") for n in range(1, 7)]


def test_t23_a_run_that_may_cost_too_much_makes_no_call() -> None:

    client = FakeClient()
    for policy, named in ((BudgetPolicy(max_requests=5), "max_requests"), (BudgetPolicy(max_usd=0.5), "max_usd")):
        ledger = Ledger(policy, FlatPrices())
        with pytest.raises(BudgetError, match=named):
            run(NOTHING, once(first_round(3)), partial(runner, work(3, client, client), ledger=ledger))
    assert client.asked == []


def test_each_model_is_asked_once_before_the_first_round_and_its_calls_count_against_the_budget() -> None:
    client = FakeClient()
    asking = Edges(preflight=True)
    for allowed in (5, 8):
        ledger = Ledger(BudgetPolicy(max_usd=1e6, max_requests=allowed), FlatPrices())
        todo = partial(runner, work(3, client, client), edges=asking, ledger=ledger)
        if allowed == 5:
            with pytest.raises(BudgetError, match="needs 8 requests"):
                run(NOTHING, once(first_round(3)), todo)
            assert client.asked == []
    run(NOTHING, once(first_round(3)), todo)
    assert [r.params["max_tokens"] for r in client.asked] == [16, 16, *[100] * 6]
    assert {r.model for r in client.asked[:2]} == {"old", "new"}


def test_a_fault_that_no_patience_mends_ends_the_run_before_the_first_case() -> None:
    wrong = FakeClient("b", answer=lambda _: Completion("infra_error", fault=Fault("auth", "HTTP 401", 401)))
    right = FakeClient("a")
    with pytest.raises(CredentialError, match="`openai/new`: b refused the key"):
        run(NOTHING, once(first_round(3)), lambda: runner(work(3, right, wrong), edges=Edges(preflight=True)))
    assert len(right.asked) == len(wrong.asked) == 1


def test_a_resumed_run_asks_nothing_again_of_a_model_whose_answers_it_has(tmp_path: Path) -> None:
    for expected in (8, 0):
        client, journal = FakeClient(), Journal(tmp_path / "r.jsonl")
        todo = partial(runner, work(3, client, client), journal=journal, edges=Edges(preflight=True))
        run(NOTHING, once(first_round(3)), todo)
        journal.close()
        assert len(client.asked) == expected


def test_f25_a_signal_ends_a_preflight_that_hangs() -> None:
    stuck = FakeClient(delay=60)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
    started = time.monotonic()
    limits = Limits(grace_seconds=0.1)
    evidence, *_ = run(
        NOTHING, once(first_round(2)), lambda: runner(work(2, stuck, stuck), limits, edges=Edges(preflight=True))
    )
    assert time.monotonic() - started < 7
    assert (evidence.stopped, len(evidence.samples), len(stuck.asked)) == ("cancelled", 0, 2)


KEY = ("t", "baseline")


@pytest.mark.parametrize(
    "change",
    [
        lambda c, a, q, k: (replace(c, repeat=1), a, q, k, ""),
        lambda c, a, q, k: (replace(c, phase="confirm"), a, q, k, ""),
        lambda c, a, q, k: (c, replace(a, origin="https://other"), q, k, ""),
        lambda c, a, q, k: (c, replace(a, wire="other"), q, k, ""),
        lambda c, a, q, k: (c, replace(a, target_digest="other"), q, k, ""),
        lambda c, a, q, k: (c, replace(a, model=replace(a.model, provider="azure")), q, k, ""),
        lambda c, a, q, k: (c, a, replace(q, model="other"), k, ""),
        lambda c, a, q, k: (c, a, replace(q, params={"temperature": 1}), k, ""),
        lambda c, a, q, k: (c, a, replace(q, messages=()), k, ""),
        lambda c, a, q, k: (c, a, replace(q, tools=({"name": "f"},)), k, ""),
        lambda c, a, q, k: (c, a, replace(q, response_schema={"type": "object"}), k, ""),
        lambda c, a, q, k: (c, a, q, replace(k, expected="other"), ""),
        lambda c, a, q, k: (c, a, q, k, "2"),
    ],
)
def test_everything_that_an_answer_depends_on_changes_its_key(change) -> None:  # type: ignore[no-untyped-def]
    client = FakeClient()
    call, arm, one = Call("t", "c0", "baseline"), arms(client, client)[KEY], case("c0")
    request = arm.request(one)
    assert sample_key(call, arm, request, one, "") != sample_key(*change(call, arm, request, one))


def test_the_name_of_a_case_does_not_change_its_key() -> None:
    client = FakeClient()
    call, arm, one = Call("t", "c0", "baseline"), arms(client, client)[KEY], case("c0")
    request = arm.request(one)
    renamed = sample_key(replace(call, case="c9"), arm, request, replace(one, id="c9"), "")
    assert renamed == sample_key(call, arm, request, one, "")


def test_rounds_of_one_run_share_its_deadline() -> None:
    slow = FakeClient(delay=0.15)

    async def scene() -> tuple[int, int]:
        running = runner(work(2, slow, slow), Limits(run_seconds=0.25))
        await running.round(first_round(2))
        arrived = len(running.samples)
        await running.round(first_round(2))
        return arrived, len(running.samples)

    assert asyncio.run(scene()) == (4, 4)
