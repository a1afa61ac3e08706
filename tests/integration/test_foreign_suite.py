"""A gate whose suite and prompt are another tool's file, as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pinward.commands.gate.run import GateEdges, GateRequest, run_gate
from pinward.core.evidence import Usage
from pinward.core.model_id import ModelId
from pinward.lifecycle.catalog import load
from pinward.providers.connect import Connections
from tests.support.llm_server import llm_server
from tests.support.repository import Repository

PROMPTFOO = """\
prompts: ['Translate to {{ language }}: {{ text }}']
providers: [openai:gpt-4.1]
tests:
  - {vars: {language: French, text: Hello}, assert: [{type: contains, value: Bonjour}]}
  - {vars: {language: Spanish, text: Hello}, assert: [{type: contains, value: Hola}, {type: javascript, value: output}]}
"""


class FlatPrices:
    """A cent a token."""

    def cost(self, model: ModelId, usage: Usage) -> float | None:
        return 0.00001 * (usage.input + usage.output)


def answer(body: dict[str, Any]) -> str:
    asked = body["messages"][0]["content"]
    if body["model"] == "silent":
        return "I would say: Hi"
    return "Bonjour" if "French" in asked else "Hola"


def test_a_promptfoo_file_guards_a_change_and_the_report_says_what_is_not_carried(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repository")
    with llm_server(answer) as server:
        config = f"""\
version: 1
tasks: {{say: {{model: local/good, suite: promptfooconfig.yaml, prompts: promptfooconfig.yaml}}}}
providers: {{local: {{type: openai, base_url: "{server.url}/v1", api_key_env: LOCAL_KEY}}}}
"""
        base = repository.commit({"pinward.yml": config, "promptfooconfig.yaml": PROMPTFOO})
        head = repository.commit({"pinward.yml": config.replace("local/good", "local/silent")})
        edges = GateEdges(
            catalog=load(),
            prices=FlatPrices(),
            connect=lambda providers: Connections(providers, lambda _: "sk-canary-1"),
            now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
            signals=(),
        )
        report = run_gate(GateRequest(repository.root, base, head, tmp_path / "report"), edges)
        asked = {body["messages"][0]["content"] for _, _, body in server.requests}
    assert report.tasks[0].pass_rate.model_dump() == {"baseline": 1.0, "candidate": 0.0}
    assert {"Translate to French: Hello", "Translate to Spanish: Hello"} <= asked
    assert "promptfooconfig.yaml: not carried: test 2: `javascript` has no counterpart" in report.notes
