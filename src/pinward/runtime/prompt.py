"""The prompt that a model gets, rendered as the gate renders it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pinward.core.evidence import Request
from pinward.core.policy import Json
from pinward.prompts.registry import PromptVersion


@dataclass(frozen=True, slots=True)
class Prompt:
    """One task's prompt for one model. `fallback` is true where its newest version was written for other models.

    `params` are the task's, with those of this version on top: what the gate sent.
    """

    model: str
    params: Mapping[str, Json]
    version: PromptVersion | None = None
    fallback: bool = False

    @property
    def digest(self) -> str:
        """Return a hash of all that reaches the model beside the input (hex); empty without a prompt."""
        return self.version.digest if self.version else ""

    def request(self, value: Json) -> Request:
        """Return the call of one input, free of any wire format. Raises `ConfigError` where the input lacks a part."""
        from pinward.prompts.templates import render

        return Request(
            model=self.model.partition("/")[2],
            messages=render(self.version, value),
            params=self.params,
            tools=self.version.tools if self.version else (),
            response_schema=self.version.response_schema if self.version else None,
        )

    def messages(self, value: Json) -> list[dict[str, str]]:
        """Return the messages of one input as `{role, content}`, the form that most libraries take."""
        return [{"role": message.role, "content": message.content} for message in self.request(value).messages]
