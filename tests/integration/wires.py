"""What each wire format answers, in the shapes that its API documents; one row a format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shape:
    """A good answer (text "hello", 7 input and 2 output tokens), and the special ones."""

    wire: str
    good: dict[str, Any]
    truncated: dict[str, Any]
    refused: dict[str, Any]
    empty: dict[str, Any]
    served: dict[str, Any]  # the good answer by `other-model`


def openai_answer(content: str | None, reason: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": more.pop("model", "m"),
        "system_fingerprint": "fp_1",
        "choices": [
            {"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": content, **more}}
        ],
        "usage": {
            "prompt_tokens": 7,
            "completion_tokens": 2,
            "total_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 4},
            "completion_tokens_details": {"reasoning_tokens": 1},
        },
    }


OPENAI = Shape(
    wire="openai",
    good=openai_answer("hello", "stop"),
    truncated=openai_answer('{"a": ', "length"),
    refused=openai_answer(None, "stop", refusal="I cannot help with that."),
    empty={**openai_answer("", "stop"), "choices": []},
    served=openai_answer("hello", "stop", model="other-model"),
)
SHAPES = (OPENAI,)
