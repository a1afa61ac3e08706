from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pinward.core.facts import Move, Ruling
from pinward.core.model_id import ModelId
from pinward.verdict.checklist import Migration, benchmark_in, checklist, checklists
from tests.unit.verdict.world import judge, plan, scores

NEW = ModelId("openai", "openai/new-2026", "new-2026", "pinned", False, None, "dated", None)
SOUND = Migration(
    task="extract",
    current="openai/old",
    candidate=NEW,
    move=Move("extract", "openai/old", "openai/new-2026", 1, 10),
    rulings=(
        Ruling("rollout-soak", "held", "1% has soaked 50 hours", url="https://github.test/pull/7"),
        Ruling("rollout-metrics", "held", "error rate +0.0 points"),
        Ruling("rollback-lost", "held", "`openai/old` is still configured"),
    ),
    suite="evals/extract.yml",
    cases={"happy_path": 12},
    prompts="prompts/extract.yml",
    documented="README.md",
    alert=".github/workflows/nightly.yml",
    dated=True,
)
POINTS = (
    "pinned", "suite", "evaluated", "regressions", "gradual", "watched", "prompts", "alert", "kept",
)  # fmt: skip


def states(migration: Migration) -> dict[str, str]:
    return dict(zip(POINTS, (item.state for item in checklist(migration)), strict=True))


def test_there_are_nine_points_and_evidence_for_each() -> None:
    items = checklist(SOUND)
    assert len(items) == 9
    assert all(item.evidence for item in items)
    assert states(SOUND) == {**dict.fromkeys(POINTS, "done"), "evaluated": "unknown", "regressions": "unknown"}
    assert items[5].url == "https://github.test/pull/7"
    assert checklists([("extract", items)]) == items
    assert checklists([("a", items), ("b", items)])[9].text == "b: the new model is pinned"


@pytest.mark.parametrize(
    ("changed", "point", "state"),
    [
        ({"candidate": replace(NEW, pin="floating")}, "pinned", "missing"),
        ({"candidate": replace(NEW, pin="unknown")}, "pinned", "unknown"),
        ({"cases": None}, "suite", "missing"),
        ({"thin": ["format"]}, "suite", "missing"),
        ({"benchmark": "mmlu"}, "suite", "missing"),
        ({"move": None, "rulings": ()}, "gradual", "missing"),
        ({"move": None, "share": 10.0}, "gradual", "done"),
        ({"rulings": (Ruling("rollout-soak", "unknown", "GitHub was not asked"),)}, "watched", "unknown"),
        ({"rulings": (Ruling("rollout-metrics", "broken", "error rate +9 points"),)}, "watched", "missing"),
        ({"rulings": ()}, "watched", "unknown"),
        ({"move": Move("extract", "a", "b", 0, 1)}, "watched", "missing"),
        ({"stranger": True}, "prompts", "missing"),
        ({"documented": "", "outdated": ["docs/models.md"]}, "prompts", "missing"),
        ({"documented": ""}, "prompts", "unknown"),
        ({"alert": ""}, "alert", "missing"),
        ({"dated": False}, "alert", "unknown"),
        ({"rulings": (Ruling("rollback-lost", "broken", "no longer named"),)}, "kept", "missing"),
        ({"rulings": (), "kept": False}, "kept", "missing"),
        ({"rulings": (), "kept": True}, "kept", "done"),
    ],
)
def test_each_point_follows_its_evidence(changed: dict[str, Any], point: str, state: str) -> None:
    assert states(replace(SOUND, **changed))[point] == state


@pytest.mark.parametrize(
    ("fell", "approved", "evaluated", "regressions"),
    [
        ([], False, "done", ("done", "no case fell")),
        (["c0"], False, "missing", ("unknown", "1 case fell: look at each")),
        (["c0", "c1"], True, "missing", ("done", "2 cases fell; approved in a review")),
    ],
)
def test_what_was_evaluated_here_says_what_fell(
    fell: list[str], approved: bool, evaluated: str, regressions: tuple[str, str]
) -> None:
    _, comparison = judge(plan(), scores(dict.fromkeys(fell, 0.0)))
    items = checklist(replace(SOUND, comparison=comparison, approved=approved))
    assert (items[2].state, items[2].evidence) == (evaluated, f"{comparison.verdict} on 4 cases")
    assert (items[3].state, items[3].evidence) == regressions


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["evals/mmlu.yml"], "mmlu"),
        (["evals/extract.yml", "gsm8k-0001"], "gsm8k"),
        (["data/MT_Bench/q1"], "mt-bench"),
        (["evals/extract.yml", "invoice-1", "happy_path", "drop-shipping", "immlution"], ""),
        ([], ""),
    ],
)
def test_a_public_benchmark_is_named_as_such(names: list[str], found: str) -> None:
    assert benchmark_in(names) == found
