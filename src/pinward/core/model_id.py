"""The identity of a model name: which provider answers it, and whether it can change under the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Pin = Literal["pinned", "undated", "floating", "unknown"]


@dataclass(frozen=True, slots=True)
class ModelId:
    """One model name as somebody wrote it, and what is known of it.

    `provider` is the channel that answers (`openai`, `bedrock`, ...; `?` where nothing tells).
    `id` is the canonical id in that channel's catalog, without routing prefixes.
    `resolves_to` is the id that a floating name answers as today, where the provider says.
    `why` states in one sentence what the pin was decided from; `doc_url` is the provider's own page.
    """

    provider: str
    written: str
    id: str
    pin: Pin
    preview: bool = False
    resolves_to: str | None = None
    why: str = ""
    doc_url: str | None = None
