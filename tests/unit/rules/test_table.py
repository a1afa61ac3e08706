from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from pinward.core.facts import Confidence, LifecycleFact, Lifetime, RepositoryFacts, ShutdownKind, Status
from pinward.core.findings import Location, ModelUse, Role
from pinward.core.model_id import ModelId, Pin
from pinward.core.policy import DEFAULT_FAIL_ON, LifecyclePolicy
from pinward.rules.table import blocks, check

TODAY = date(2026, 11, 22)


def use(pin: Pin = "pinned", written: str = "m-1", role: Role = "selection", target: str | None = None) -> ModelUse:
    model = ModelId("openai", written, written.split("/")[-1], pin, resolves_to=target, why="because")
    return ModelUse(model, Location("a.py", 3, 5, 5 + len(written)), role, "ask", "argument model")


def life(
    days: int | None,
    kind: ShutdownKind = "fixed",
    confidence: Confidence = "first-party",
    status: Status = "active",
    rerouted: bool = False,
) -> Lifetime:
    ends = None if days is None else TODAY + timedelta(days=days)
    fact = LifecycleFact("openai", "m-1", "snapshot", status, "https://x", "2026-11", confidence)
    return Lifetime(fact, status, ends, kind, rerouted_to="m-9" if rerouted else None, replacement="m-2")


def rules(use: ModelUse, lifetime: Lifetime | None = None, persona: str = "user") -> list[tuple[str, str, str]]:
    lifetimes = {(use.model.provider, use.model.id): lifetime} if lifetime else {}
    facts = RepositoryFacts((use,), lifetimes, TODAY, LifecyclePolicy(), TODAY)
    found = check(facts, "auditor" if persona == "auditor" else "user")
    return [(f.rule, f.severity, f.confidence) for f in found]


def test_a_pinned_living_model_is_fine() -> None:
    assert rules(use(), life(None)) == []
    assert rules(use()) == []


def test_an_alias_is_an_error_and_its_fix_keeps_the_prefix() -> None:
    alias = use("floating", "openai/m", target="m-1")
    assert rules(alias) == [("unpinned-alias", "error", "high")]
    (finding,) = check(RepositoryFacts((alias,), {}, TODAY, LifecyclePolicy(), TODAY))
    assert finding.fix is not None
    assert (finding.fix.text, finding.fix.safe) == ("openai/m-1", True)


def test_an_alias_of_a_dying_snapshot_gets_no_safe_fix() -> None:
    alias = use("floating", "m-1", target="m-1-old")
    found = check(RepositoryFacts((alias,), {("openai", "m-1"): life(40)}, TODAY, LifecyclePolicy(), TODAY))
    assert [f.rule for f in found] == ["unpinned-alias", "alias-of-retiring"]
    assert not any(f.fix and f.fix.safe for f in found)


def test_the_windows_of_a_shutdown_meet_without_gap_or_overlap() -> None:
    seen = {days: [rule for rule, _, _ in rules(use(), life(days))] for days in (1, 29, 30, 89, 90, 400)}
    assert seen == {
        1: ["retiring-urgent"],
        29: ["retiring-urgent"],
        30: ["retiring-soon"],
        89: ["retiring-soon"],
        90: [],
        400: [],
    }


def test_a_retired_model_is_told_once() -> None:
    assert rules(use("floating"), life(-3, status="retired")) == [("retired-model", "error", "high")]


def test_a_promise_not_to_end_before_a_day_is_no_finding() -> None:
    assert rules(use(), life(5, kind="not-before")) == []


def test_a_third_party_date_warns_and_never_blocks() -> None:
    assert rules(use(), life(5, confidence="third-party")) == [("retiring-urgent", "warning", "low")]
    facts = RepositoryFacts(
        (use(),), {("openai", "m-1"): life(5, confidence="third-party")}, TODAY, LifecyclePolicy(), TODAY
    )
    assert not any(blocks(finding, DEFAULT_FAIL_ON) for finding in check(facts))


def test_a_rerouted_name_is_not_called_retired() -> None:
    assert rules(use("floating"), life(-3, status="retired", rerouted=True)) == [("silent-reroute", "error", "high")]


def test_a_name_that_is_to_be_rerouted_is_no_alias_of_what_will_answer_it() -> None:
    soon = life(45)
    moved = replace(soon, fact=replace(soon.fact, routes_to="m-9"), reroutes_on=TODAY + timedelta(days=45))
    told = [rule for rule, _, _ in rules(use("floating", target="m-9"), moved)]
    assert told == ["silent-reroute"]


def test_the_auditor_hears_of_every_role_as_a_note() -> None:
    table = use("floating", role="catalog", target="m-1")
    assert rules(table) == []
    assert rules(table, persona="auditor") == [("unpinned-alias", "note", "low")]
    assert rules(use("unknown"), persona="auditor") == [("unknown-model", "note", "low")]


def test_fingerprints_leave_the_line_out_and_tell_twins_apart() -> None:
    twins = (use("floating"), use("floating"))
    found = check(RepositoryFacts(twins, {}, TODAY, LifecyclePolicy(), TODAY))
    assert len({f.fingerprint for f in found}) == 2
    moved = ModelUse(twins[0].model, Location("a.py", 99, 1, 4), "selection", "ask")
    (after,) = check(RepositoryFacts((moved,), {}, TODAY, LifecyclePolicy(), TODAY))
    assert after.fingerprint == found[0].fingerprint
