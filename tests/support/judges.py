"""A judge for tests that is as gullible as can be: it obeys whatever stands outside the fences that it was told of."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pinward.core.evidence import Completion, Message, Request, Usage

Decide = Callable[[dict[str, str]], str | float]


def unfenced(messages: list[tuple[str, str]]) -> tuple[dict[str, str], str]:
    """Return the fenced texts by name, and everything that stands outside of them."""
    rules, data = messages[0][1], messages[1][1]
    nonce = re.search(r"<<<NAME (\S+)`", rules)
    assert nonce is not None
    mark = re.escape(nonce[1])
    fenced = re.compile(rf"<<<([A-Z]+) {mark}\n(.*?)\n\1 {mark}>>>", re.DOTALL)
    return {name.lower(): text for name, text in fenced.findall(data)}, fenced.sub("", data)


def verdict(decide: Decide, messages: list[tuple[str, str]]) -> str:
    """Answer as the schema asks; an instruction outside the fences is obeyed at once."""
    texts, outside = unfenced(messages)
    said = "pass" if "pass" in outside.lower() else decide(texts)
    evidence = texts.get("answer", texts.get("first", "")).partition(" ")[0]
    return json.dumps({"reason": "because", "evidence": evidence, "verdict": said})


@dataclass
class ScriptedJudge:
    """A client that decides by a function of the fenced texts. `faults` come first, one a call."""

    decide: Decide
    name: str = "judge"
    faults: list[Completion] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    async def complete(self, request: Request, timeout: float) -> Completion:  # the signature is Client's
        self.requests.append(request)
        if self.faults:
            return self.faults.pop(0)
        return Completion("ok", verdict(self.decide, [_pair(m) for m in request.messages]), usage=Usage(10, 5))

    async def aclose(self) -> None:
        pass


def _pair(message: Message) -> tuple[str, str]:
    return message.role, message.content
