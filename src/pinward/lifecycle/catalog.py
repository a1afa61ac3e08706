"""The embedded catalog: what a written model name is, from the provider's own facts first and its rules second."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from typing import Any

from pinward.core.channels import home
from pinward.core.facts import LifecycleFact, Lifetime
from pinward.core.model_id import ModelId
from pinward.core.policy import DEFAULT_LIFECYCLE, LifecyclePolicy
from pinward.core.spelling import MAX_LENGTH, UNKNOWN, Spelling, base_of, parse
from pinward.errors import InternalError
from pinward.lifecycle import pins
from pinward.lifecycle.lifetime import Rows, lifetime

SCHEMA = "pinward.catalog/1"
_DATES = frozenset({"shutdown_on", "deprecated_on", "released", "routes_on"})
# Where a bare name is looked up when its maker's channel has no row. Not Azure: a name there is a deployment's.
_BARE_ORDER = ("openai", "anthropic", "gemini", "mistral", "cohere", "xai", "deepseek", "vertex")
_CACHED_NAMES = 16_384
_SUGGESTIONS = 3
_LIKENESS = 0.75
# difflib's time grows with the square of the length; no id in the catalog is longer.
_LONGEST = 80


class EmbeddedCatalog:
    """The catalog that ships with the package, or any other of the same schema.

    Implements `core.facts.Catalog`. Rows become facts when they are asked for, so that loading costs a few
    milliseconds.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        if document.get("schema") != SCHEMA:
            raise InternalError(
                f"the catalog has schema {document.get('schema')!r}, this version reads {SCHEMA!r}",
                "Install the Pinward version that the catalog was made for.",
            )
        self._compiled_on = date.fromisoformat(document["compiled_on"])
        self._fields: list[str] = document["fields"]
        self._interned = frozenset(document["interned"])
        self._strings: list[str] = document["strings"]
        self._rows: dict[str, dict[str, list[Any]]] = document["providers"]
        self._spelled = {name: {i.lower(): i for i in rows} for name, rows in self._rows.items()}
        self._identified = lru_cache(_CACHED_NAMES)(self._identify)
        self._fact = lru_cache(_CACHED_NAMES)(self._read_fact)

    @property
    def compiled_on(self) -> date:
        """The day on which the data was compiled."""
        return self._compiled_on

    def ids(self, provider: str) -> tuple[str, ...]:
        """Return every id of one channel, as the provider spells it."""
        return tuple(self._rows.get(provider, ()))

    @property
    def providers(self) -> tuple[str, ...]:
        """The channels that the catalog has rows of."""
        return tuple(self._rows)

    def fact(self, provider: str, model: str) -> LifecycleFact | None:
        """Return the row of one id, in any case, or None."""
        return self._fact(provider, model.lower())

    def identify(self, written: str, client: str | None = None) -> ModelId:
        """Decide what a written name is; `client` is the provider that the surrounding code tells. Never raises."""
        if len(written) > MAX_LENGTH:
            return self._identify(written, client)
        return self._identified(written, client)

    def lifetime(self, model: ModelId, today: date, policy: LifecyclePolicy = DEFAULT_LIFECYCLE) -> Lifetime | None:
        """Return what the model can expect, or None where the catalog has no row for it in its channel.

        See `core.facts.Catalog.lifetime`.
        """
        if model.pin == "unknown":
            return None
        return lifetime(self._rows_of(model.provider), model.id, today, policy.warn_days)

    def similar(self, model: ModelId) -> tuple[str, ...]:
        """Return ids that look like one without a row, best first: of its channel, or of all where none is told."""
        if len(model.id) > _LONGEST or self.fact(model.provider, model.id):
            return ()
        channels = self.providers if model.provider == UNKNOWN else (model.provider,)
        ids = dict.fromkeys(id_ for channel in channels for id_ in self.ids(channel))
        return tuple(get_close_matches(model.id.lower(), ids, _SUGGESTIONS, _LIKENESS))

    def _rows_of(self, provider: str) -> Rows:
        return Rows(lambda model: self.fact(provider, model), self._spelled.get(provider, {}))

    def _read_fact(self, provider: str, lower: str) -> LifecycleFact | None:
        spelled = self._spelled.get(provider, {}).get(lower)
        if spelled is None:
            return None
        cells = dict(zip(self._fields, self._rows[provider][spelled], strict=False))
        values = {field: self._decode(field, cell) for field, cell in cells.items() if cell is not None}
        return LifecycleFact(provider=provider, id=spelled, **values)

    def _decode(self, field: str, cell: Any) -> Any:
        if field in self._interned:
            return self._strings[cell]
        if field in _DATES:
            return date.fromisoformat(cell)
        return tuple(cell) if isinstance(cell, list) else cell

    def _identify(self, written: str, client: str | None) -> ModelId:
        spelling = parse(written, client)
        if spelling.opaque:
            return self._unknown(written, spelling.channel, spelling.ids[0], spelling.opaque)
        if spelling.channel == UNKNOWN:
            return self._of_bare(written, spelling)
        return self._in_channel(written, spelling.channel, spelling)

    def _of_bare(self, written: str, spelling: Spelling) -> ModelId:
        name = spelling.ids[0]
        if spelling.author:
            return self._in_channel(written, UNKNOWN, spelling)
        if name.isalpha():
            return self._unknown(written, UNKNOWN, name, "a plain word: only its surroundings can tell")
        maker = home(name.lower())
        order = (maker, *_BARE_ORDER) if maker else _BARE_ORDER
        channel = next((c for c in order if "/" not in name and self._spells(c, name)), maker)
        if channel is None and pins.of_pattern(UNKNOWN, name):
            return self._of_pattern(written, UNKNOWN, name)
        if channel is None:
            return self._unknown(written, UNKNOWN, name, "nothing tells which provider answers it")
        return self._in_channel(written, channel, spelling)

    def _spells(self, channel: str, name: str) -> bool:
        return name.lower() in self._spelled.get(channel, {})

    def _in_channel(self, written: str, channel: str, spelling: Spelling) -> ModelId:
        """Decide within one channel: its own row, the maker's rule behind a gateway, a fine-tuned model, a pattern."""
        fact = next((f for f in (self.fact(channel, name) for name in spelling.ids) if f), None)
        if fact:
            return self._of_fact(written, fact)
        name = spelling.ids[0]
        if spelling.author:
            behind = self._in_channel(name, spelling.author[0], Spelling(spelling.author[0], (spelling.author[1],)))
            if behind.pin == "unknown" and pins.of_pattern(channel, name):
                return self._of_pattern(written, channel, name)
            return self._of_author(written, channel, name, behind)
        base = base_of(name)
        if base:
            return self._of_fine_tuned(written, channel, name, base)
        return self._of_pattern(written, channel, name)

    def _of_fact(self, written: str, fact: LifecycleFact) -> ModelId:
        pin, why = pins.of_row(fact)
        target = fact.alias_of or (fact.routes_to if pin == "floating" else None)
        # DeepSeek names weights that no request can ask for: they are told in `why`, not as an id.
        resolves_to = target if target and self._spells(fact.provider, target) else None
        preview = pin != "unknown" and pins.is_preview(fact)
        return ModelId(fact.provider, written, fact.id, pin, preview, resolves_to, why, pins.DOCS.get(fact.provider))

    def _of_author(self, written: str, channel: str, name: str, behind: ModelId) -> ModelId:
        """The maker's rule decides the pin; what a gateway resolves a name to, and until when, is its own matter."""
        why = f"by {behind.provider}'s rule: {behind.why}"
        doc = pins.DOCS.get(channel) or behind.doc_url
        return ModelId(channel, written, name, behind.pin, behind.preview, None, why, doc)

    def _of_fine_tuned(self, written: str, channel: str, name: str, base: str) -> ModelId:
        known = self.fact(channel, f"ft:{base}") or self.fact(channel, base) or pins.of_pattern(channel, base)
        if not known:
            return self._unknown(written, channel, name, f"fine-tuned from {base}, which is not in the catalog")
        why = f"a fine-tuned model is one fixed artefact; it lives as long as its base {base}"
        return ModelId(channel, written, name, "pinned", why=why, doc_url=pins.DOCS.get(channel))

    def _of_pattern(self, written: str, channel: str, name: str) -> ModelId:
        rule = pins.of_pattern(channel, name)
        if not rule:
            return self._unknown(written, channel, name, f"not in the catalog, and no rule of {channel} fits it")
        target = f"{name}:latest" if channel == "ollama" and rule.pin == "floating" and ":" not in name else None
        return ModelId(channel, written, name, rule.pin, rule.preview, target, rule.why, pins.DOCS.get(channel))

    def _unknown(self, written: str, channel: str, name: str, why: str) -> ModelId:
        return ModelId(channel, written, name, "unknown", why=why, doc_url=pins.DOCS.get(channel))


def load() -> EmbeddedCatalog:
    """Load the catalog that ships with the package."""
    text = files("pinward.lifecycle").joinpath("data", "catalog.json").read_text(encoding="utf-8")
    return EmbeddedCatalog(json.loads(text))
