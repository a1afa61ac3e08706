"""Newer data than this version ships: taken only where a key of ours signed it and nothing in it is amiss.

A signature (Ed25519, one a line) is checked over the very bytes, before anything of them is read. Signed data is
checked all the same: a wrong build must not lose what the embedded catalog knows (docs/threats.md T32).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, get_args

from pinward.core.facts import Confidence, Kind, LifecycleFact, ShutdownKind, Status
from pinward.core.strict_json import parse_json
from pinward.lifecycle.catalog import SCHEMA, EmbeddedCatalog

MAX_DATA = 8 * 1024 * 1024
MAX_SIGNATURE = 400  # of a data release that several keys signed, while one follows another
_ID = re.compile(r"[\w.:/@ ()+~-]{1,200}", re.ASCII)
_TEXT = re.compile(r"[^\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]{1,2000}")
_FIRST, _LAST = date(2015, 1, 1), date(2100, 1, 1)


class Refused(Exception):  # noqa: N818 - an outcome that is noted, and the embedded catalog stands
    """Data that is not taken. The text says why, in our words."""


def package_keys() -> tuple[bytes, ...]:
    """Return the public keys that ship with this version; none means that no data but its own is taken."""
    text = files("pinward.lifecycle").joinpath("data", "keys.json").read_text(encoding="utf-8")
    return tuple(base64.b64decode(key) for key in json.loads(text)["ed25519"])


def opened(data: bytes, signature: bytes, keys: Sequence[bytes]) -> Mapping[str, Any]:
    """Return the document whose bytes one of the keys signed; `signature` holds one or more. Raises `Refused`."""
    if not keys:
        raise Refused("this version carries no key to check data with")
    if len(data) > MAX_DATA or len(signature) > MAX_SIGNATURE:
        raise Refused("it is larger than a catalog")
    if not any(_signed(data, line, key) for line in signature.split() for key in keys):
        raise Refused("its signature is none of ours")
    try:
        document = parse_json(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused("it is not JSON") from None
    if not isinstance(document, dict):
        raise Refused("it is not a catalog")
    return document


def _signed(data: bytes, signature: bytes, key: bytes) -> bool:
    from nacl.exceptions import CryptoError
    from nacl.signing import VerifyKey

    try:
        VerifyKey(key).verify(data, base64.b64decode(signature, validate=True))
    except (CryptoError, binascii.Error, ValueError, TypeError):
        return False
    return True


def newer(document: Mapping[str, Any], embedded: EmbeddedCatalog, today: date) -> EmbeddedCatalog | None:
    """Return the catalog of a newer document, None where it is not newer. Raises `Refused` where it is amiss."""
    schema = document.get("schema")
    if schema != SCHEMA:
        raise Refused(f"it has schema {str(schema)[:40]!r}, this version reads {SCHEMA!r}: update Pinward")
    try:
        catalog = EmbeddedCatalog(document)
        if catalog.compiled_on <= embedded.compiled_on:
            return None
        wrong = next(problems(catalog, embedded, today), None)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise Refused("it is not a catalog") from None
    if wrong:
        raise Refused(wrong)
    return catalog


def problems(catalog: EmbeddedCatalog, embedded: EmbeddedCatalog, today: date) -> Iterator[str]:
    """Yield what is amiss: a day in the future, a row that is gone, a value that no row can have."""
    if catalog.compiled_on > today + timedelta(days=1):
        yield f"it says that it was compiled on {catalog.compiled_on}, which is not yet"
    for provider in embedded.providers:
        gone = [name for name in embedded.ids(provider) if catalog.fact(provider, name) is None]
        if gone:
            yield f"{len(gone)} models of {provider} are gone from it; rows are kept for ever"
    for provider in catalog.providers:
        for name in catalog.ids(provider):
            fact = catalog.fact(provider, name)
            if fact is None or not _is_sound(fact):
                yield f"a row of {provider[:40]!r} holds a value that no row can have"
                return


def _is_sound(fact: LifecycleFact) -> bool:
    words = (
        (fact.kind, Kind), (fact.status, Status), (fact.confidence, Confidence),
        *(((fact.shutdown_kind, ShutdownKind),) if fact.shutdown_on else ()),
    )  # fmt: skip
    ids = [fact.provider, fact.id, *fact.replacement, *filter(None, (fact.alias_of, fact.routes_to))]
    texts = [fact.source, fact.read_on, *fact.superseded, *filter(None, (fact.note, fact.replacement_note, fact.via))]
    days = [d for d in (fact.released, fact.deprecated_on, fact.shutdown_on, fact.routes_on) if d]
    return (
        all(word in get_args(kind) for word, kind in words)
        and all(_ID.fullmatch(name) for name in ids)
        and all(_TEXT.fullmatch(text) for text in texts)
        and all(_FIRST <= day <= _LAST for day in days)
    )
