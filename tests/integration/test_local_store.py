"""The store of this machine, over the real command: what is answered once is not asked again, confirmations are."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_gate import SUITE, config
from tests.support.llm_server import Recorded, llm_server
from tests.support.repository import Repository

SRC = Path(__file__).parents[2] / "src"


def answer(body: dict[str, Any]) -> str:
    """`worse` answers two of twelve cases with a word before the JSON."""
    fell = body["model"] == "worse" and body["messages"][0]["content"] in {"Number 3", "Number 7"}
    return 'Sure! {"a": 1}' if fell else '{"a": 1}'


def gate(repository: Repository, base: str, *flags: str, **variables: str) -> dict[str, Any]:
    """Run the command with a report folder of its own, and return the report."""
    folder = repository.root.parent / f"report-{len(list(repository.root.parent.iterdir()))}"
    environment = {
        "PYTHONPATH": str(SRC),
        "PATH": os.defpath,
        "LOCAL_KEY": "sk-canary-123456",
        "XDG_CACHE_HOME": str(repository.root.parent / "cache"),
        **variables,
    }
    command = [sys.executable, "-m", "pinward", "gate", "--base", base, "--report-dir", str(folder), *flags]
    done = subprocess.run(command, cwd=repository.root, env=environment, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    assert done.returncode == report["exit_code"], done.stderr
    return report


def change(repository: Repository, server: Recorded, model: str, extra: str = "") -> str:
    base = repository.commit({"pinward.yml": config(server.url, extra=extra), "evals/extract.yml": SUITE})
    repository.commit({"pinward.yml": config(server.url, model, extra)})
    return base


def store(repository: Repository) -> Path:
    return repository.root.parent / "cache" / "pinward" / "samples.sqlite"


def asked(server: Recorded) -> list[tuple[str, str]]:
    """Return the cases that were asked, by model; the preflight is none."""
    found = [(body["model"], body["messages"][0]["content"]) for _, _, body in server.requests]
    server.requests.clear()
    return [one for one in found if one[1].startswith("Number")]


def test_a_second_run_of_an_unchanged_gate_asks_only_confirmations(repository: Repository, server: Recorded) -> None:
    base = change(repository, server, "local/worse")
    first = gate(repository, base)
    once = asked(server)
    again = gate(repository, base)
    fresh = asked(server)
    assert len(once) > 24
    assert {text for _, text in fresh} == {"Number 3", "Number 7"}
    assert len(fresh) == len(once) - 24
    assert [r["verdict"] for r in (first, again)] == ["fail", "fail"]
    assert [r["tasks"][0]["regressed"] for r in (first, again)] == [2, 2]
    assert any("24 first answers from the store of this machine" in note for note in again["notes"])
    assert again["cost_usd"] is None or again["cost_usd"] < first["cost_usd"]


def test_an_edited_case_is_asked_and_the_others_are_not(repository: Repository, server: Recorded) -> None:
    base = change(repository, server, "local/better")
    gate(repository, base)
    asked(server)
    head = repository.commit({"evals/extract.yml": SUITE + "  - {id: new, input: 'Number 99', checks: [json_valid]}\n"})
    report = gate(repository, base, "--head", head)
    assert sorted(asked(server)) == [("better", "Number 99"), ("good", "Number 99")]
    assert report["tasks"][0]["latency"]["p50"]["candidate"] is not None


def test_latency_is_never_taken_from_the_store(repository: Repository, server: Recorded) -> None:
    base = change(repository, server, "local/better")
    assert gate(repository, base)["tasks"][0]["latency"]["p50"]["candidate"] is not None
    server.requests.clear()
    report = gate(repository, base)
    assert server.requests == []  # no preflight either: nobody is to be asked
    assert report["tasks"][0]["latency"]["p50"]["candidate"] is None
    assert (report["verdict"], report["cost_usd"]) == ("pass", 0)


@pytest.mark.parametrize(
    ("flags", "variables"),
    [
        (["--no-store"], {}),
        ([], {"CI": "true"}),
        ([], {"GITHUB_ACTIONS": "true"}),
        (["--shard", "1/1"], {}),
    ],
)
def test_t24_the_store_is_neither_read_nor_written(
    flags: list[str], variables: dict[str, str], repository: Repository, server: Recorded
) -> None:
    base = change(repository, server, "local/better")
    gate(repository, base, *flags, **variables)
    assert not store(repository).exists()
    gate(repository, base)
    assert store(repository).exists()
    asked(server)
    gate(repository, base, *flags, **variables)
    assert len(asked(server)) == 24


def test_evidence_days_of_zero_turn_the_store_off(repository: Repository, server: Recorded) -> None:
    base = change(repository, server, "local/better", "policy: {gate: {evidence_days: 0}}\n")
    gate(repository, base)
    assert not store(repository).exists()


def test_a_floating_name_is_asked_each_time(repository: Repository, server: Recorded) -> None:
    named = f'  openai: {{base_url: "{server.url}/v1", api_key_env: LOCAL_KEY}}\n'
    text = config(server.url).replace("policy:", "policy:") + named
    base = repository.commit({"pinward.yml": text, "evals/extract.yml": SUITE})
    repository.commit({"pinward.yml": text.replace("model: local/good", "model: openai/gpt-4o")})
    gate(repository, base)
    asked(server)
    gate(repository, base)
    assert {model for model, _ in asked(server)} == {"gpt-4o"}


def _text(path: Path) -> None:
    path.write_text("no database " * 500)


def _foreign(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE photos (id INTEGER)")
    db.close()


def _torn(path: Path) -> None:
    with path.open("rb+") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)


@pytest.mark.parametrize("damage", [_text, _foreign, _torn])
def test_a_damaged_or_foreign_store_changes_no_verdict(damage: Any, repository: Repository, server: Recorded) -> None:
    base = change(repository, server, "local/better")
    if damage is _torn:
        gate(repository, base)
    else:
        store(repository).parent.mkdir(parents=True)
    damage(store(repository))
    before = store(repository).read_bytes()
    asked(server)
    report = gate(repository, base)
    assert (report["verdict"], len(asked(server))) == ("pass", 24)
    assert any("samples.sqlite" in note and "Delete it" in note for note in report["notes"])
    if damage is not _torn:
        assert store(repository).read_bytes() == before


def test_no_key_is_written_to_the_store(repository: Repository) -> None:
    with llm_server(lambda _: '{"a": "sk-canary-123456"}') as leaky:
        gate(repository, change(repository, leaky, "local/better"))
    assert b"canary" not in store(repository).read_bytes()
