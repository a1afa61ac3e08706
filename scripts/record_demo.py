"""Record the demo's answers: the same demo against the two real models, with every answer written down.

    python -m scripts.record_demo

Both models run at temperature 0, so each request is asked once and its answer stands for every repeat.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pinward.commands import demo
from pinward.commands.gate.cli import edges_over
from pinward.core.evidence import Client, Completion, Request
from pinward.core.policy import Provider
from pinward.providers.connect import Connections
from pinward.providers.endpoints import Route
from pinward.providers.replay import SCHEMA, completion_record, request_key
from scripts import local_models

TARGET = local_models.ROOT / "examples" / demo.RECORDING
COMMAND = "python -m scripts.record_demo"
Lines = dict[tuple[str, str], str]


class Recorder:
    """A client that keeps each answer, and gives a request that was asked before the answer that it got."""

    def __init__(self, client: Client, heard: dict[str, Completion], lines: Lines) -> None:
        """`heard` and `lines` are shared by all clients of a recording."""
        self.name = client.name
        self._client, self._heard, self._lines = client, heard, lines

    async def complete(self, request: Request, timeout: float) -> Completion:
        """Ask, unless this was asked before."""
        if request.params.get("temperature") != 0:
            raise SystemExit(f"{request.model}: only answers at temperature 0 stand for every repeat")
        key = request_key(request)
        if key not in self._heard:
            answer = await self._client.complete(request, timeout)
            if answer.outcome == "infra_error":
                return answer
            self._heard[key] = answer
            self._lines[request.model, key] = self._line(request, key, answer)
            print(f"{len(self._lines)} {request.model} {answer.latency:.1f} s", flush=True)
        return self._heard[key]

    def _line(self, request: Request, key: str, answer: Completion) -> str:
        record = completion_record(answer) | {"latency": round(answer.latency, 3)}
        return json.dumps({"key": key, "model": request.model, "repeat": 0, "completion": record})

    async def aclose(self) -> None:
        """Close the client."""
        await self._client.aclose()


class Recording:
    """Connections whose every answer is kept. Implements `gate.work.Connections`."""

    def __init__(self, providers: Mapping[str, Provider], heard: dict[str, Completion], lines: Lines) -> None:
        """Open real connections."""
        self._live = Connections(providers, lambda _: None)
        self._heard, self._lines = heard, lines

    def route(self, name: str) -> Route:
        """Return how a provider is reached."""
        return self._live.route(name)

    def client(self, name: str, wrap: Callable[[Client], Client] = lambda client: client) -> Client:
        """Return a client that records."""
        return Recorder(self._live.client(name, wrap), self._heard, self._lines)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._live.aclose()


def main(target: Path = TARGET) -> int:
    """Play the demo live and write the recording. Returns the demo's exit code."""
    if not local_models.installed():
        raise SystemExit("the models are not installed; run `make demo-live` first")
    heard: dict[str, Completion] = {}
    lines: Lines = {}
    with local_models.serving() as addresses, TemporaryDirectory() as reports:
        files = local_models.at_addresses(demo.application(), addresses)
        edges = edges_over(lambda providers: Recording(providers, heard, lines), deterministic=True)
        code = demo.play(Path(reports), edges, files, sys.stdout.write)
    models = local_models.describe(datetime.now(UTC).date().isoformat())
    header = {"schema": SCHEMA, "models": models, "command": COMMAND}
    rows = [json.dumps(header), *(lines[key] for key in sorted(lines, reverse=True))]
    target.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
