"""What a name is used for, decided from what surrounds it.

The ancestors are walked from the inside out. The first that decides wins; one that only hints (`weak`) is kept until
nothing better is found. Every decision carries its reason, which `--format json` shows as `role_why`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from pinward.core.findings import Role
from pinward.scan import vocabulary as say
from pinward.scan.lines import is_list_of_names
from pinward.scan.mentions import Mention, Step
from pinward.scan.names import looks_like_model
from pinward.scan.paths import is_code, is_recorded, is_shown, is_test

MAX_FLOWS = 24
_FUNCTIONAL_COMMENT = re.compile(r"#\s*@(?:option|flag|env|arg)\b[^\n]*model", re.IGNORECASE)
_TEST_SCOPE = re.compile(r"#\[test\]|(?i:tests?_\w*|\w*_tests?|tests)$|Test[A-Z]\w*|\w+Tests?$")
_OWN_KEYS = frozenset({"name", "id", "slug"})
_EMBEDDED_FLAG = re.compile(r"(?:^|\s)(--?[\w-]+)(?:=|\s+)[\"']?$")
_EMBEDDED_KEY = re.compile(r"(?:^|[\s{,;(])[\"']?([\w.-]+)[\"']?\s*[:=]\s*[\"']?$")


@dataclass(frozen=True, slots=True)
class Decision:
    """A role, why, and whether something named the value a model (else the name alone made it one)."""

    role: Role
    why: str
    named: bool = False


@dataclass(slots=True)
class _Walk:
    """What was seen on the way out."""

    path: str
    name: str
    listed: int = 0
    keyed: bool = False
    records: bool = False  # the name stands in one of several records, under a key that does not say `model`
    weak: Decision | None = None
    depth: int = 0
    outer: tuple[Step, ...] = field(default_factory=tuple)
    flow: tuple[tuple[Step, ...], ...] = ()

    def hint(self, why: str) -> None:
        if self.weak is None:
            self.weak = Decision("selection", why)


def decide(mention: Mention, path: str) -> Decision:
    """Return the role of a mention in the file at `path`."""
    by_carrier = _by_carrier(mention)
    if by_carrier is not None:
        return by_carrier if not is_test(path) or by_carrier.role == "prose" else Decision("test", "in a test file")
    if is_test(path) or any(s.kind == "scope" and _TEST_SCOPE.match(s.name) for s in mention.steps):
        return Decision("test", "in a test")
    if is_recorded(path):
        return Decision("data", "in recorded results")
    if is_shown(path):
        return Decision("prose", "in texts that are shown")
    if not mention.whole:
        embedded = _embedded(mention)
        if embedded is not None:
            return embedded
    walk = _Walk(path, mention.name, flow=mention.flow)
    if not mention.whole or mention.literal.strip(" \"'`") != mention.name:
        walk.listed += len(re.split(r"[\s,;|]+", mention.literal.strip()))
    return _walk(mention.steps, walk)


def _by_carrier(mention: Mention) -> Decision | None:
    if mention.carrier == "comment":
        if _FUNCTIONAL_COMMENT.match(mention.literal.strip()):
            return Decision("selection", "a comment that a tool reads as an option", named=True)
        return Decision("prose", "in a comment")
    if mention.carrier == "docstring":
        return Decision("prose", "in a docstring")
    if mention.carrier == "prose":
        return Decision("prose", "mentioned in text")
    return None


def _walk(steps: tuple[Step, ...], walk: _Walk) -> Decision:
    for i, step in enumerate(steps):
        walk.outer = steps[i + 1 :]
        decision = _RULES[step.kind](step, walk)
        if decision is not None:
            return decision
    return _nothing_decided(walk)


def _nothing_decided(walk: _Walk) -> Decision:
    if walk.listed > 1:
        return Decision("catalog", "one of several names in a list")
    if not is_code(walk.path):
        return Decision("data", "value of a key that names no model")
    return walk.weak or Decision("selection", "a value on its own")


def _embedded(mention: Mention) -> Decision | None:
    """Decide for a name that is only a part of its literal; None where the literal is a list of names."""
    text = mention.literal
    if is_list_of_names(text):
        return None
    at = _position(mention)
    before = text[:at]
    if "," in text and "://" in text and " " not in text.strip():
        return Decision("selection", "in a record with its endpoint", named=True)
    if re.search(r"https?://\S*/(?:models|deployments|model)/$", before):
        return Decision("selection", "in the URL that is called", named=True)
    flag = _EMBEDDED_FLAG.search(before)
    if flag and say.MODEL_FLAGS.match(flag.group(1)) and _runs(mention):
        return Decision("selection", f"value of {flag.group(1)} in a command", named=True)
    key = _EMBEDDED_KEY.search(before)
    settings = "\n" in text or " " not in text.strip()
    if key and settings and _ends_value(text[at + len(mention.name) :]) and _is_setting(key.group(1), mention.name):
        return Decision("selection", f"value of {key.group(1)} in embedded settings", named=True)
    return Decision("prose", "part of a longer text")


def _is_setting(key: str, name: str) -> bool:
    return say.names_a_model(key) or (key.lower() in ("id", "provider_id") and ":" in name)


def _position(mention: Mention) -> int:
    return max(mention.literal.find(mention.name), 0)


def _ends_value(after: str) -> bool:
    return re.match(r"[\"',;]*\s*(?:$|\n|[,}])", after) is not None


def _runs(mention: Mention) -> bool:
    """Tell whether the text around is a command that is run, not one that is described."""
    owner = next((s.owner for s in mention.steps if s.kind == "argument"), None)
    if owner is None:
        return any(
            s.kind in ("pair", "assign") and s.name.lower() in ("run", "cmd", "command", "script", "args", "entrypoint")
            for s in mention.steps
        )
    return bool(say.words(owner) & say.RUNS) or mention.literal.startswith("-")


def _in_list(walk: _Walk, name: str) -> Decision | None:
    """Decide for one of several names bound together."""
    if walk.listed < 2:
        return None
    around = say.words(name) | {w for s in walk.outer if s.kind in ("pair", "assign") for w in say.words(s.name)}
    if around & say.FALLBACK_WORDS:
        return Decision("selection", f"one of several that are all used ({name})", named=True)
    return Decision("catalog", f"one of several names in {name}")


def _key(_step: Step, _walk: _Walk) -> Decision | None:
    return Decision("catalog", "key of a table")


def _compare(step: Step, _walk: _Walk) -> Decision | None:
    return Decision("compare", f"compared ({step.name})")


def _type(_step: Step, _walk: _Walk) -> Decision | None:
    return Decision("catalog", "part of a type")


def _raise(_step: Step, _walk: _Walk) -> Decision | None:
    return Decision("prose", "in an error")


def _markup(_step: Step, _walk: _Walk) -> Decision | None:
    return Decision("prose", "in text that is shown")


def _enum(step: Step, _walk: _Walk) -> Decision | None:
    return Decision("catalog", f"member {step.name} of an enumeration")


def _receiver(step: Step, _walk: _Walk) -> Decision | None:
    return Decision("compare", f"compared ({step.name})") if step.name.lower() in say.COMPARES else None


def _item(step: Step, walk: _Walk) -> Decision | None:
    flag = _flag_before(step.items, walk.name)
    if flag:
        return Decision("selection", f"value of {flag}", named=True)
    walk.listed += sum(looks_like_model(item.strip()) for item in step.items)
    if walk.keyed and walk.weak is not None and len(step.items) > 1:
        walk.records = True
    return None


def _flag_before(items: tuple[str, ...], name: str) -> str:
    """Return the flag that stands directly before a name among arguments."""
    pairs = pairwise(items)
    return next((flag for flag, value in pairs if value == name and say.MODEL_FLAGS.match(flag)), "")


def _argument(step: Step, walk: _Walk) -> Decision | None:
    function = step.owner.rsplit(".", 1)[-1].lower()
    if step.name:
        return _named_argument(step, function, walk)
    flag = _flag_before(step.items, walk.name)
    if flag:
        return Decision("selection", f"value of {flag}", named=True)
    return _by_function(step, function, walk)


def _named_argument(step: Step, function: str, walk: _Walk) -> Decision | None:
    name = step.name.lower()
    if say.is_shown(step.name):
        return Decision("prose", f"text in {step.name}")
    if name in ("choices", "options", "enum") or say.is_table(step.name):
        return Decision("catalog", f"choice in {step.name}")
    listed = _in_list(walk, step.name)
    if listed is not None:
        return listed
    if name.lstrip("-") == "default" and any(say.names_a_model(item.lstrip("-")) for item in step.items):
        return Decision("selection", "default of an option", named=True)
    if _is_record(step):
        return Decision("catalog", "in a record about a model")
    if say.names_a_model(step.name) or say.MODEL_FLAGS.match(step.name):
        return Decision(
            "selection", f"argument {step.name} of {function}" if function else f"value of {step.name}", True
        )
    if not say.words(function) & say.TABLE_WORDS:
        walk.hint(f"argument {step.name} of {function}")
    return None


def _is_record(step: Step) -> bool:
    """Tell whether the keys beside a name describe a model, instead of calling one."""
    about = [key for key in step.siblings if say.RECORD_KEYS.match(key)]
    own = step.name.lower() in _OWN_KEYS
    if not own and any(k.lower() in _OWN_KEYS and looks_like_model(v) for k, v in step.siblings.items()):
        return True  # settings of the model that the record is about
    called = any(
        k.lower() in ("messages", "prompt", "input", "api_key", "apikey", "temperature") for k in step.siblings
    )
    return len(about) >= 2 and not called


def _by_function(step: Step, function: str, walk: _Walk) -> Decision | None:
    if function in say.COMPARES:
        return Decision("compare", f"compared ({function})")
    if function in say.SHOWS or function.endswith(("error", "exception")):
        return Decision("prose", f"shown by {function}")
    if step.position > 0 and (function in say.ENVIRONMENT or function in say.DECLARES):
        first = next((i for i in step.items if i != walk.name and say.names_a_model(i.lstrip("-"))), "")
        if first:
            return Decision("selection", f"default of {first}", named=True)
    if function in say.ENVIRONMENT | say.DECLARES:
        if function in say.LOOKUPS and step.position == 0 and not say.words(step.owner) & {"model", "llm", "client"}:
            return Decision("compare", f"looked up ({function})")
        return None
    if function in say.LOOKUPS:
        return Decision("compare", f"looked up ({function})")
    together = sum(looks_like_model(item.strip()) for item in step.items)
    if function in say.COLLECTIONS or function.endswith(("setof", "listof", "arrayof", "mapof")) or together > 1:
        walk.listed += together
        return None
    if say.names_a_model(function) and walk.listed < 2:
        return Decision("selection", f"argument of {function}", named=True)
    walk.hint(f"argument of {function}")
    return None


def _pair(step: Step, walk: _Walk) -> Decision | None:
    name = step.name
    if say.is_shown(name):
        return Decision("prose", f"text in {name}")
    recorded = any(say.RESULT_KEYS.match(key) for key in step.siblings) or name.lower() in say.RESULT_PARENTS
    if recorded and not is_code(walk.path):
        return Decision("data", "in a recorded result")
    if say.is_table(name):
        return Decision("catalog", f"in {name}")
    listed = _in_list(walk, name)
    if listed is not None:
        return listed
    if _is_record(step):
        return Decision("catalog", "in a record about a model")
    if walk.records and name.lower().endswith("s"):
        return Decision("catalog", f"a record in {name}")
    if say.names_a_model(name):
        return _unless_tabled(walk, Decision("selection", f"value of {name}", named=True))
    if name.lower() in ("id", "provider", "target") and re.match(r"[a-z]+:", walk.name):
        return Decision("selection", f"value of {name}, with its provider", named=True)
    if is_code(walk.path) and sum(looks_like_model(v) for v in step.siblings.values()) > 1:
        walk.listed = 2
    walk.keyed = True
    walk.hint(f"value of {name}")
    return None


def _unless_tabled(walk: _Walk, decision: Decision) -> Decision:
    """Keep a decision unless what lies around is named as a table of models."""
    bound = next((s for s in walk.outer if s.kind in ("assign", "pair") and s.name), None)
    if bound is not None and say.is_table(bound.name):
        return Decision("catalog", f"in {bound.name}")
    return decision


def _assign(step: Step, walk: _Walk) -> Decision | None:
    name = step.name
    if say.is_shown(name):
        return Decision("prose", f"text in {name}")
    flowing = _flowing(walk)
    if flowing is not None:
        return flowing
    if say.is_table(name):
        return Decision("catalog", f"in {name}")
    listed = _in_list(walk, name)
    if listed is not None:
        return listed
    if _squeeze(name) == _squeeze(walk.name):
        return Decision("catalog", f"constant {name}, named after the model itself")
    if say.names_a_model(name):
        return Decision("selection", f"value of {name}", named=True)
    walk.hint(f"value of {name}")
    return None


def _squeeze(name: str) -> str:
    return re.sub(r"^model|[^a-z0-9]|model$", "", name.lower().split("/")[-1])


def _flowing(walk: _Walk) -> Decision | None:
    """Decide from what the file does with the variable."""
    if walk.depth or not walk.flow:
        return None
    found = [_walk(steps, _Walk(walk.path, walk.name, depth=1, listed=walk.listed)) for steps in walk.flow[:MAX_FLOWS]]
    used = next((d for d in found if d.role == "selection" and d.named), None)
    if used is not None and walk.listed < 2:
        return Decision("selection", f"a variable; then {used.why}", named=True)
    if found and all(d.role == "compare" for d in found):
        return Decision("compare", "a variable that is only compared")
    return None


def _default(step: Step, walk: _Walk) -> Decision | None:
    if say.is_shown(step.name):
        return Decision("prose", f"text in {step.name}")
    listed = _in_list(walk, step.name)
    if listed is not None:
        return listed
    if say.names_a_model(step.name):
        return Decision("selection", f"default of {step.name}", named=True)
    walk.hint(f"default of {step.name}")
    return None


def _return(step: Step, walk: _Walk) -> Decision | None:
    walk.hint("returned" if not step.name else "chosen by a match")
    return None


def _scope(step: Step, walk: _Walk) -> Decision | None:
    if walk.weak is not None and say.words(step.name) & say.SHOWING_FUNCTIONS:
        return Decision("prose", f"text of {step.name}")
    if walk.weak is not None and walk.weak.why in ("returned", "chosen by a match") and walk.listed < 2:
        named = say.names_a_model(step.name)
        return Decision("selection", f"{walk.weak.why} by {step.name}", named) if named else None
    if walk.weak is None and walk.listed < 2 and say.names_a_model(step.name):
        return Decision("selection", f"in {step.name}", named=True)
    if walk.keyed and not is_code(walk.path) and say.names_a_model(step.name):
        return Decision("selection", f"in {step.name}", named=True)
    return None


_RULES: dict[str, Callable[[Step, _Walk], Decision | None]] = {
    "key": _key,
    "compare": _compare,
    "type": _type,
    "raise": _raise,
    "markup": _markup,
    "enum": _enum,
    "receiver": _receiver,
    "item": _item,
    "argument": _argument,
    "pair": _pair,
    "assign": _assign,
    "default": _default,
    "return": _return,
    "scope": _scope,
}
