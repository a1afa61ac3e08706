"""A parser of the user's as a check, from git to the report, with real processes."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pinward.commands.gate.dry_run import dry_run
from pinward.commands.gate.run import GateEdges, GateRequest, run_gate
from pinward.core.evidence import Usage
from pinward.core.model_id import ModelId
from pinward.core.report import GateReport
from pinward.errors import ConfigError
from pinward.lifecycle.catalog import load
from pinward.providers.connect import Connections
from pinward.providers.retry import RetryPolicy
from pinward.verbs.main import run as run_verb
from tests.support.llm_server import Recorded, Reply
from tests.support.repository import Repository

OLD, NEW = "lab/old", "lab/new"
SUITE = "cases:\n" + "".join(
    f"  - {{id: case-{n}, category: c, input: 'case {n}', checks: [{{parses_with: reader}}]}}\n" for n in range(4)
)
PARSER = """\
import sys
for line in sys.stdin.read().splitlines():
    key, colon, value = line.partition(": ")
    if not colon:
        print("Traceback (most recent call last):", file=sys.stderr)
        print(f"no `key: value` but </details> {line}", file=sys.stderr)
        sys.exit(65)
print('{"parsed": true}')
"""


def config(url: str, model: str = OLD, allow: str = "provider, command", command: str = "") -> str:
    read = f"[{sys.prefix}, {sys.base_prefix}]"
    script = command or f'command: ["{sys.executable}", parse.py], read: {read}, timeout_seconds: 5'
    return f"""\
version: 1
tasks:
  extract: {{model: {model}, suite: evals/extract.yml}}
targets:
  reader: {{{script}}}
providers:
  lab: {{type: openai, base_url: "{url}/v1"}}
policy:
  targets: {{allow: [{allow}]}}
"""


class NoPrices:
    """Knows no price."""

    def cost(self, model: ModelId, usage: Usage) -> float | None:
        return None


EDGES = GateEdges(
    catalog=load(),
    prices=NoPrices(),
    connect=lambda providers: Connections(providers, lambda _: None),
    now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
    signals=(),
    retry=RetryPolicy(attempts=1),
)


def answer(body: dict[str, Any]) -> Reply | str:
    """Answer in the format of the parser, but for the new model, which wraps it in a code fence."""
    return "company: ACME\ncity: Ulm" if body["model"] == "old" else "```yaml\ncompany: ACME\n```"


def gate(
    repository: Repository,
    base: dict[str, str | bytes | None],
    head: dict[str, str | bytes | None],
    edges: GateEdges = EDGES,
) -> GateReport:
    request = GateRequest(
        repository.root, repository.commit(base), repository.commit(head), repository.root.parent / "report"
    )
    dry_run(request, edges)
    return run_gate(request, edges)


def files(url: str, parser: str = PARSER, suite: str = SUITE, **kwargs: str) -> dict[str, str | bytes | None]:
    return {"pinward.yml": config(url, **kwargs), "evals/extract.yml": suite, "parse.py": parser}


def grades(repository: Repository) -> list[dict[str, Any]]:
    lines = (repository.root.parent / "report" / "results.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_a_candidate_whose_format_the_users_parser_cannot_read_is_blocked_with_the_parsers_reason(
    repository: Repository, server: Recorded
) -> None:
    report = gate(repository, files(server.url), {"pinward.yml": config(server.url, NEW)})
    (task,) = report.tasks
    assert (report.verdict, task.regressed, task.pass_rate.baseline) == ("fail", 4, 1.0)
    failed = next(row["grade"] for row in grades(repository) if not row["grade"]["passed"])
    assert "`reader` cannot parse the answer" in failed["reason"]
    assert "no `key: value` but </details> ```yaml" in failed["reason"]
    assert "</details> ```" not in (repository.root.parent / "report" / "comment.md").read_text()


def test_a_parser_that_breaks_down_is_no_failure_of_the_model(repository: Repository, server: Recorded) -> None:
    parser = "import sys\nassert sys.stdin.read().startswith('company'), 'oh'\n"
    report = gate(repository, files(server.url, parser), {"pinward.yml": config(server.url, NEW)})
    assert (report.verdict, report.exit_code, report.tasks[0].regressed) == ("error", 4, 0)
    faults = [row["completion"]["fault"] for row in grades(repository) if row["grade"] is None]
    assert {fault["kind"] for fault in faults} == {"parser"}
    assert faults[0]["detail"] == "the parser gave no result: the program ended with 1"


def test_the_base_commits_parser_decides_and_the_heads_is_never_run(repository: Repository, server: Recorded) -> None:
    report = gate(
        repository, files(server.url), {"pinward.yml": config(server.url, NEW), "parse.py": "raise SystemExit(0)"}
    )
    assert (report.verdict, report.tasks[0].regressed) == ("fail", 4)


def test_once_a_reviewer_has_approved_the_cases_the_heads_parser_decides(
    repository: Repository, server: Recorded
) -> None:
    base = repository.commit(files(server.url))
    lenient = PARSER.replace("splitlines()", "replace('```yaml', '').replace('```', '').split()[::3]").replace(
        "if not colon", "if not line"
    )
    head = repository.commit({"pinward.yml": config(server.url, NEW), "parse.py": lenient})
    request = GateRequest(repository.root, base, head, repository.root.parent / "report", approved=True)
    assert run_gate(request, EDGES).verdict == "pass"


def test_a_parser_inside_a_combination_is_run_too(repository: Repository, server: Recorded) -> None:
    suite = SUITE.replace("{parses_with: reader}", "{any: [{equals: x}, {not: {parses_with: reader}}]}")
    report = gate(repository, files(server.url, suite=suite), {"pinward.yml": config(server.url, NEW)})
    rates = report.tasks[0].pass_rate
    assert (rates.baseline, rates.candidate) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("kwargs", "said"),
    [
        ({"allow": "provider"}, "does not name `command`"),
        ({"command": 'http: "https://x.example/y"'}, "`reader` is no program"),
    ],
)
def test_a_parser_that_the_base_does_not_allow_is_refused_with_file_and_line(
    repository: Repository, server: Recorded, kwargs: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=f"evals/extract.yml:2: `parses_with`: .*{said}"):
        gate(repository, files(server.url, **kwargs), {"pinward.yml": config(server.url, NEW)})
    assert server.requests == []


def test_a_parser_that_only_the_head_names_is_refused(repository: Repository, server: Recorded) -> None:
    with pytest.raises(ConfigError, match=r"`targets` of .* has no `readr`") as caught:
        gate(
            repository,
            files(server.url),
            {
                "pinward.yml": config(server.url, NEW).replace("reader:", "readr:"),
                "evals/extract.yml": SUITE.replace("case-0", "case-9").replace("reader", "readr"),
            },
        )
    assert "reader" in caught.value.hint
    assert server.requests == []


def test_t5_a_parser_is_refused_where_no_program_may_run_before_anything_is_asked(
    repository: Repository, server: Recorded
) -> None:
    edges = replace(EDGES, no_programs="it is a container")
    with pytest.raises(ConfigError, match=r"targets\.reader: no program is run here: it is a container") as caught:
        gate(repository, files(server.url), {"pinward.yml": config(server.url, NEW)}, edges)
    assert "http" not in caught.value.hint
    assert server.requests == []


def test_t6_a_parser_sees_no_key_and_no_file_outside_its_commit(
    repository: Repository, server: Recorded, tmp_path: Path
) -> None:
    (tmp_path / "canary").write_text("secret")
    spy = (
        "import os, sys\n"
        f"try:\n    open({str(tmp_path / 'canary')!r})\n    print('read', file=sys.stderr)\nexcept OSError:\n"
        "    print('denied', sorted(set(os.environ) - {'LC_CTYPE'}), file=sys.stderr)\nsys.exit(65)\n"
    )
    gate(repository, files(server.url, spy), {"pinward.yml": config(server.url, NEW)})
    said = {row["grade"]["reason"] for row in grades(repository)}
    assert len(said) == 1, said
    assert "denied ['HOME', 'PATH', 'TMPDIR']" in said.pop()


def test_suite_lint_finds_a_parser_that_is_not_there(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit(files("http://127.0.0.1:9"))
    arguments = ["suite", "lint", "--path", str(repository.root)]
    assert run_verb(arguments) == 0
    repository.commit({"evals/extract.yml": SUITE.replace("reader", "readr")})
    assert run_verb(arguments) == 2
    assert (
        "evals/extract.yml:2: `parses_with`: `targets` of pinward.yml@work tree has no `readr`"
        in capsys.readouterr().out
    )
