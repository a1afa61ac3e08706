"""Answers from a recording: a JSON Lines file that a recorder wrote from real calls.

Line 1: `{"schema": "pinward.recording/1", "models": [...], "command": "..."}`. Then one line an answer:
`{"key", "model", "repeat", "completion": {"text", "finish_reason", "usage": {...}, "latency", "served_model"}}`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from pinward.core.evidence import Completion, Fault, Outcome, Request, ToolCall, Usage
from pinward.core.policy import Json
from pinward.errors import ConfigError
from pinward.providers.base import canonical, digest, items, obj, text

SCHEMA = "pinward.recording/1"
OUTCOMES: Mapping[str, Outcome] = {"refused": "refused", "truncated": "truncated"}


def request_key(request: Request) -> str:
    """Return the SHA-256 (hex) of everything that an answer depends on."""
    return digest(canonical(request))


def completion_record(completion: Completion) -> dict[str, Json]:
    """Return a completion as a recording holds it; `outcome` and `tool_calls` only where they say something."""
    record: dict[str, Json] = {
        "text": completion.text,
        "finish_reason": completion.finish_reason,
        "usage": dict(asdict(completion.usage)),
        "latency": completion.latency,
        "served_model": completion.served_model,
    }
    if completion.outcome != "ok":
        record["outcome"] = completion.outcome
    if completion.tool_calls:
        record["tool_calls"] = [dict(asdict(call)) for call in completion.tool_calls]
    return record


class ReplayClient:
    """Serves recorded answers, the n-th ask of one request with its n-th recording (then again from the first)."""

    def __init__(self, name: str, recording: str, source: str) -> None:
        """`recording` is the file's text, `source` its name for messages. Raises `ConfigError` where it is wrong."""
        self.name = name
        self._source = source
        self._answers, self._command = _read(recording, source)
        self._asked: Counter[str] = Counter()

    async def complete(self, request: Request, timeout: float) -> Completion:  # noqa: ARG002  # protocol
        """Return the recorded answer; one that is missing is our fault to report, never the model's."""
        key = request_key(request)
        answers = self._answers.get(key)
        if not answers:
            again = f"; record again with: {self._command}" if self._command else ""
            detail = f"{self._source} holds no answer of {request.model} to this request ({key[:12]}){again}"
            return Completion("infra_error", fault=Fault("invalid_request", detail), replayed=True)
        turn = self._asked[key]
        self._asked[key] += 1
        return answers[turn % len(answers)]

    async def aclose(self) -> None:
        """Nothing to close."""


def _read(recording: str, source: str) -> tuple[Mapping[str, list[Completion]], str]:
    header: dict[str, Json] = {}
    found: dict[str, dict[int, Completion]] = {}
    for number, line in enumerate(recording.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = obj(json.loads(line))
        except (ValueError, RecursionError):
            raise ConfigError(f"{source}:{number}: not JSON", "Record the answers again.") from None
        if not header:
            header = row
            if row.get("schema") != SCHEMA:
                raise ConfigError(f"{source}:{number}: not a recording", f'The first line names "schema": "{SCHEMA}".')
            continue
        key, repeat = text(row.get("key")), row.get("repeat", 0)
        if not key or not isinstance(repeat, int):
            raise ConfigError(f"{source}:{number}: an answer needs a key and a repeat", "Record the answers again.")
        found.setdefault(key, {})[repeat] = _completion(obj(row.get("completion")))
    if not header:
        raise ConfigError(f"{source}: an empty recording", "Record the answers again.")
    answers = {key: [rows[n] for n in sorted(rows)] for key, rows in found.items()}
    return answers, " ".join(text(header.get("command")).split())[:300]


def _completion(row: dict[str, Json]) -> Completion:
    usage = {name: n for name, n in obj(row.get("usage")).items() if name in Usage.__slots__ and isinstance(n, int)}
    latency = row.get("latency")
    calls = tuple(
        ToolCall(text(obj(c).get("name")), text(obj(c).get("arguments")), text(obj(c).get("id")))
        for c in items(row.get("tool_calls"))
    )
    return Completion(
        outcome=OUTCOMES.get(text(row.get("outcome")), "ok"),
        text=text(row.get("text")),
        tool_calls=calls,
        finish_reason=text(row.get("finish_reason")),
        usage=Usage(**usage),
        latency=float(latency) if isinstance(latency, int | float) else 0.0,
        served_model=text(row.get("served_model")) or None,
        replayed=True,
    )
