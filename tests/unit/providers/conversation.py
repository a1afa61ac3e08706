"""One conversation with everything in it, for the encoders."""

from __future__ import annotations

from pinward.core.evidence import Message, Request, ToolCall
from pinward.core.policy import Json

PIXEL = "data:image/png;base64,iVBORw0KGgo="
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
LOOK: dict[str, Json] = {"name": "look", "description": "looks", "parameters": {"type": "object"}}


def conversation(model: str = "m", **params: Json) -> Request:
    """Return a request with system text, an image, a tool call and its answer, a tool and a schema."""
    return Request(
        model,
        (
            Message("system", "be brief"),
            Message("user", "what is this?", images=(PIXEL,)),
            Message("assistant", "", tool_calls=(ToolCall("look", '{"x": 1}', "c1"),)),
            Message("tool", "a dot", tool_call_id="c1"),
            Message("user", "so?"),
        ),
        params,
        (LOOK,),
        SCHEMA,
    )
