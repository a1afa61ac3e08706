"""Ceilings across runs: what earlier runs cost is read from their reports before the first call."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pinward.commands.gate.dry_run import dry_run
from pinward.commands.gate.files import read_report
from pinward.commands.gate.run import GateEdges, GateRequest, run_gate
from pinward.core.report import GateReport, ShardPart
from pinward.errors import BudgetError
from pinward.lifecycle.catalog import load
from pinward.providers.connect import Connections
from tests.integration.test_gate import KEYS, SUITE, FlatPrices, config
from tests.support.llm_server import Recorded, Reply, llm_server
from tests.support.repository import Repository

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MONTH = "policy.budget.max_usd_per_month"
PULL = "policy.budget.max_usd_per_pull_request"


@pytest.fixture
def server() -> Iterator[Recorded]:
    with llm_server(lambda _: '{"a": 1}') as recorded:
        yield recorded


@pytest.fixture
def spent(tmp_path: Path) -> Path:
    (tmp_path / "spent").mkdir()
    return tmp_path / "spent"


def gate(repository: Repository, base: str, head: str, folder: str = "now", **more: Any) -> GateReport:
    return run_gate(GateRequest(repository.root, base, head, repository.root.parent / folder, **more), edges())


def edges() -> GateEdges:
    return GateEdges(
        catalog=load(),
        prices=FlatPrices(),
        connect=lambda providers: Connections(providers, KEYS.get),
        keys=KEYS.get,
        now=lambda: NOW,
        signals=(),
    )


def budget(**ceilings: float) -> str:
    return "policy: {budget: {" + ", ".join(f"{key}: {usd}" for key, usd in ceilings.items()) + "}}\n"


def change(repository: Repository, server: Recorded, model: str = "local/better", **ceilings: float) -> tuple[str, str]:
    extra = budget(**ceilings)
    base = repository.commit({"pinward.yml": config(server.url, extra=extra), "evals/extract.yml": SUITE})
    return base, repository.commit({"pinward.yml": config(server.url, model, extra)})


def earlier(spent: Path, name: str, **changes: Any) -> None:
    """Leave the report of an earlier run, without its answers."""
    report = {
        "schema": "pinward.report/1",
        "verdict": "pass",
        "exit_code": 0,
        "base": "b" * 40,
        "head": name[:1] * 40,
        "policy_source": "pinward.yml",
        "started": "2026-11-03T10:00:00+00:00",
        "seconds": 1.0,
        "requests": 10,
        **changes,
    }
    (spent / name).mkdir()
    (spent / name / "report.json").write_text(json.dumps(report))


def test_what_earlier_runs_of_the_month_cost_bounds_this_one_before_its_first_call(
    repository: Repository, server: Recorded, spent: Path
) -> None:
    """The worst case of the change is about $1."""
    commits = change(repository, server, max_usd_per_month=20)
    earlier(spent, "a", cost_usd=12.5)
    earlier(spent, "c", cost_usd=7.4)
    earlier(spent, "d", cost_usd=100.0, started="2026-10-31T23:59:59+00:00")
    with pytest.raises(BudgetError) as raised:
        gate(repository, *commits, stored=spent)
    assert f"{MONTH} ($20.00, less $19.90 of 2 earlier runs) allows $0.10" in raised.value.message
    assert server.requests == []
    assert read_report(repository.root.parent / "now").exit_code == 5
    (spent / "c" / "report.json").unlink()
    report = gate(repository, *commits, stored=spent)
    assert report.verdict == "pass"
    assert any(f"`{MONTH}`: $12.50 of $20.00 were spent by 1 earlier run of November 2026" in n for n in report.notes)


def test_a_month_begins_in_utc(repository: Repository, server: Recorded, spent: Path) -> None:
    commits = change(repository, server, max_usd_per_month=20)
    earlier(spent, "a", cost_usd=100.0, started="2026-11-01T01:30:00+02:00")
    assert gate(repository, *commits, stored=spent).verdict == "pass"


def test_a_month_that_is_spent_refuses_even_a_cheap_run(repository: Repository, server: Recorded, spent: Path) -> None:
    commits = change(repository, server, max_usd_per_month=5)
    earlier(spent, "a", cost_usd=9.0)
    with pytest.raises(BudgetError, match=r"allows \$0\.00"):
        gate(repository, *commits, stored=spent)
    assert server.requests == []


def test_the_ceiling_of_a_pull_request_counts_its_own_commits(
    repository: Repository, server: Recorded, spent: Path
) -> None:
    base, first = change(repository, server, max_usd_per_pull_request=2.0)
    second = repository.commit({"notes.txt": "more"})
    earlier(spent, "of-base", head=base, cost_usd=50.0)
    earlier(spent, "of-another", cost_usd=50.0)
    earlier(spent, "of-first", head=first, cost_usd=1.9)
    with pytest.raises(BudgetError) as raised:
        gate(repository, base, second, stored=spent)
    assert f"{PULL} ($2.00, less $1.90 of 1 earlier run)" in raised.value.message
    assert server.requests == []


def test_a_pull_request_is_known_by_its_number_after_a_rebase(
    repository: Repository, server: Recorded, spent: Path
) -> None:
    base, head = change(repository, server, max_usd_per_pull_request=2.0)
    earlier(spent, "f", head="f" * 40, cost_usd=1.9, pull_request=7)
    earlier(spent, "e", head=head, cost_usd=50.0, pull_request=8)
    with pytest.raises(BudgetError, match=r"less \$1\.90 of 1 earlier run"):
        gate(repository, base, head, stored=spent, pull_request=7)
    report = gate(repository, base, head, stored=spent, pull_request=9)
    assert (report.verdict, report.pull_request) == ("pass", 9)


def test_the_report_of_a_run_counts_in_the_next(repository: Repository, server: Recorded, tmp_path: Path) -> None:
    base, head = change(repository, server, max_usd_per_pull_request=5)
    (tmp_path / "runs").mkdir()
    first = gate(repository, base, head, "runs/1")
    head = repository.commit({"evals/extract.yml": SUITE.replace("Number 3", "Number 33")})
    second = gate(repository, base, head, "runs/2", stored=tmp_path / "runs")
    assert first.cost_usd
    (note,) = [note for note in second.notes if PULL in note]
    assert "by 1 earlier run of this pull request" in note
    assert second.stored == []


def test_without_reports_the_ceiling_bounds_the_run_alone_and_the_report_says_so(
    repository: Repository, server: Recorded
) -> None:
    commits = change(repository, server, max_usd_per_month=20, max_usd_per_pull_request=3)
    report = gate(repository, *commits)
    said = [note for note in report.notes if "could not be checked across runs" in note]
    assert [note.split("`")[1] for note in said] == [PULL, MONTH]
    with pytest.raises(BudgetError, match=r"max_usd_per_month \(\$0\.01, less \$0\.00 of 0 earlier runs\)"):
        gate(repository, *change(repository, server, max_usd_per_month=0.01), folder="another")


def test_a_cost_that_is_not_known_and_a_report_that_cannot_be_read_are_said(
    repository: Repository, server: Recorded, spent: Path
) -> None:
    commits = change(repository, server, max_usd_per_month=20)
    earlier(spent, "a", cost_usd=None)
    earlier(spent, "c", cost_usd=None, requests=0)
    earlier(spent, "d", started="yesterday", cost_usd=1.0)
    earlier(spent, "e", cost_usd=-1e9)
    (spent / "f").mkdir()
    (spent / "f" / "report.json").write_text("{")
    (note,) = [n for n in gate(repository, *commits, stored=spent).notes if MONTH in n]
    assert "$0.00 of $20.00 were spent by 3 earlier runs" in note
    assert "What 1 run of them cost is not known." in note
    assert "2 reports could not be read and are not counted." in note


def test_a_run_counts_once_whether_in_shards_or_copied(repository: Repository, server: Recorded, spent: Path) -> None:
    commits = change(repository, server, max_usd_per_month=20)
    for number in (1, 2):
        started = f"2026-11-03T10:00:0{number}+00:00"
        part = {"number": number, "of": 2, "plan": "p", "read": "a" * 40}
        earlier(spent, f"a-shard-{number}", cost_usd=6.0, shard=part, started=started)
    (note,) = [n for n in gate(repository, *commits, stored=spent).notes if MONTH in n]
    assert "$12.00 of $20.00 were spent by 2 earlier runs" in note
    earlier(spent, "a-whole", cost_usd=12.0, started="2026-11-03T10:00:01+00:00")
    shutil.copytree(spent / "a-whole", spent / "a-copy")
    (note,) = [n for n in gate(repository, *commits, stored=spent).notes if MONTH in n]
    assert "$12.00 of $20.00 were spent by 1 earlier run" in note


def test_a_dry_run_says_what_is_left(repository: Repository, server: Recorded, spent: Path) -> None:
    base, head = change(repository, server, max_usd_per_month=20)
    earlier(spent, "a", cost_usd=19.0)
    said = dry_run(GateRequest(repository.root, base, head, spent.parent / "none", stored=spent), edges())
    assert "$19.00 of $20.00 were spent" in said
    assert "allows $1.00" in said


def test_shards_share_what_is_left(repository: Repository, server: Recorded, spent: Path) -> None:
    from pinward.commands.gate.shards import Shard

    base, head = change(repository, server, max_usd_per_month=20)
    earlier(spent, "a", cost_usd=19.0)
    request = GateRequest(repository.root, base, head, spent.parent / "none", stored=spent)
    assert "allows to shard 1 of 2 $0.50" in dry_run(replace(request, shard=Shard(1, 2)), edges())
    assert ShardPart(number=1, of=2, read="a" * 40).plan == ""


def test_a_model_without_a_price_is_loud_under_a_ceiling_of_nothing(repository: Repository, server: Recorded) -> None:
    """Nobody knows that it costs nothing: the report names it, and the cost is unknown and not $0."""
    base = repository.commit(
        {"pinward.yml": config(server.url, "local/free-1", budget(max_usd=0)), "evals/extract.yml": SUITE}
    )
    head = repository.commit({"pinward.yml": config(server.url, "local/free-2", budget(max_usd=0))})
    report = gate(repository, base, head)
    assert report.cost_usd is None
    assert report.tasks[0].cost.unpriced == ["local/free-1", "local/free-2"]
    assert "No price is known for `local/free-1`" in (repository.root.parent / "now" / "comment.md").read_text()
    with pytest.raises(BudgetError, match=r"max_usd allows \$0\.00"):
        gate(repository, *change(repository, server, max_usd=0), folder="priced")


def thinking(tokens: int) -> Reply:
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": tokens,
        "completion_tokens_details": {"reasoning_tokens": tokens},
    }
    choice = {"index": 0, "message": {"role": "assistant", "content": '{"a": 1}'}, "finish_reason": "stop"}
    return Reply(200, {"model": "good", "choices": [choice], "usage": usage})


def narrow(url: str, model: str, max_tokens: int, **ceilings: float) -> str:
    text = config(url, model, budget(**ceilings)).replace("LOCAL_KEY}", "LOCAL_KEY, max_concurrency: 2}")
    return text.replace("{temperature: 0}", f"{{max_tokens: {max_tokens}}}")


def test_reasoning_beyond_the_limit_of_the_answer_ends_the_run_and_overshoots_by_what_was_under_way(
    repository: Repository,
) -> None:
    """Each answer may have 100 tokens and bills 20,000 ($0.20): the estimate held, and then the ceiling does."""
    with llm_server(lambda _: thinking(20_000)) as server:
        old, new = (narrow(server.url, model, 100, max_usd=1.0) for model in ("local/good", "local/better"))
        base = repository.commit({"pinward.yml": old, "evals/extract.yml": SUITE})
        report = gate(repository, base, repository.commit({"pinward.yml": new}))
        assert report.exit_code == 5
        assert report.cost_usd is not None
        assert 1.0 <= report.cost_usd <= 1.0 + 2 * 0.21
        assert len(server.requests) == report.requests <= 8


def test_every_retry_is_paid_from_the_account(repository: Repository) -> None:
    with llm_server(lambda _: Reply(500, {"error": {"message": "no"}})) as server:
        old, new = (narrow(server.url, model, 100, max_requests=30) for model in ("local/good", "local/better"))
        base = repository.commit({"pinward.yml": old, "evals/extract.yml": SUITE})
        report = gate(repository, base, repository.commit({"pinward.yml": new}))
        assert report.exit_code in {4, 5}
        assert len(server.requests) == report.requests <= 30


def test_several_tasks_share_one_ceiling(repository: Repository, server: Recorded) -> None:
    """One task may cost about $0.99 at worst, and two twice that."""
    one = config(server.url, "local/good", budget(max_usd=1.2))
    two = one.replace("tasks:\n", "tasks:\n  other: {model: local/good, suite: evals/extract.yml}\n")
    base = repository.commit({"pinward.yml": two, "evals/extract.yml": SUITE})
    alone = repository.commit({"pinward.yml": two.replace("    model: local/good", "    model: local/better")})
    assert gate(repository, base, alone).verdict == "pass"
    server.requests.clear()
    both = repository.commit({"pinward.yml": two.replace("local/good", "local/better")})
    with pytest.raises(BudgetError, match=r"may cost \$1\.98 at worst"):
        gate(repository, base, both, folder="both")
    assert server.requests == []
