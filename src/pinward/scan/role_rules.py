"""The rules of roles: what each kind of ancestor says about a name. `roles.decide` is the way in.

The ancestors are walked from the inside out. The first that decides wins; one that only hints (`weak`) is kept until
nothing better is found.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pinward.scan import vocabulary as say
from pinward.scan.argument_rules import TOKENIZER, flag_before, of_argument
from pinward.scan.mentions import Step
from pinward.scan.names import looks_like_model
from pinward.scan.pair_rules import of_pair
from pinward.scan.paths import is_code, stem
from pinward.scan.records import names_itself
from pinward.scan.walks import MEMBER, Decision, Walk, in_list, names_among

MAX_FLOWS = 24
_ASKS = re.compile(r"(?:is|has|can|supports?|should|uses?|needs?)(?:_|[A-Z])")  # `is_reasoning_model` answers yes or no
_OF_A_MODEL = re.compile(r"(?:from|for|by|of)_?[Mm]odel")  # `window_of_model` gives something else
_ASKED_OF_A_NAME = (say.COMPARES | say.QUANTIFIERS) - {"split"}  # `"gpt-4o,gpt-4".split(",")` is a list
_SETTER = re.compile(r"(?:set|with)?_?model_?(?:name|id)?")  # `builder.with_model(name)`
_BINDING = frozenset({"assign", "pair", "default"})
_MODEL_CLASS = re.compile(r"(?:Models?|LLMs?|Model(?:Type|Name|Id|Constant|List|Enum|Catalog)s?)$")
_TOLD = frozenset({"name", "id", "title", "slug", "type", "key"})  # what a thing is called


def walk_out(steps: tuple[Step, ...], walk: Walk) -> Decision:
    """Return what the ancestors decide, from the inside out."""
    for i, step in enumerate(steps):
        if step.kind in _BINDING and TOKENIZER.search(step.name.lower().replace("_", "")):
            return Decision("compare", f"the model of {step.name}")
        walk.outer = steps[i + 1 :]
        decision = _RULES[step.kind](step, walk)
        if decision is not None:
            return decision
    return _below_provider(steps, walk) or _nothing_decided(walk)


def _below_provider(steps: tuple[Step, ...], walk: Walk) -> Decision | None:
    """Decide for a setting whose key says nothing in the section of a provider: `"OpenAI": {"Chat": "gpt-4o"}`."""
    pairs = [step.name for step in steps if step.kind == "pair"]
    if is_code(walk.path) or walk.listed > 1 or not pairs or pairs[0].lower() in _TOLD or steps[0].kind != "pair":
        return None
    section = next((name for name in pairs[1:] if say.words(name) & say.PROVIDERS), "")
    return Decision("selection", f"value of {pairs[0]} in {section}", named=True) if section else None


def _nothing_decided(walk: Walk) -> Decision:
    if walk.listed > 1 or walk.records:
        return Decision("catalog", "one of several names in a list")
    if not is_code(walk.path):
        return Decision("data", "value of a key that names no model")
    if say.is_table_file(stem(walk.path)) and not (walk.weak and walk.weak.named):
        return Decision("catalog", f"in a file of {stem(walk.path)}")
    return walk.weak or Decision("selection", "a value on its own")


def _key(_step: Step, _walk: Walk) -> Decision | None:
    return Decision("catalog", "key of a table")


def _compare(step: Step, _walk: Walk) -> Decision | None:
    return Decision("compare", f"compared ({step.name})")


def _type(_step: Step, _walk: Walk) -> Decision | None:
    return Decision("catalog", "part of a type")


def _raise(_step: Step, _walk: Walk) -> Decision | None:
    return Decision("prose", "in an error")


def _markup(_step: Step, _walk: Walk) -> Decision | None:
    return Decision("prose", "in text that is shown")


def _enum(step: Step, walk: Walk) -> Decision | None:
    given = step.siblings.get(step.name, "").strip("( \n\t\"'")
    scope = walk.around("scope")
    if walk.name.lower() in say.PROVIDERS:
        return Decision("catalog", "the name of a provider")
    if say.words(step.name) & say.PROVIDERS and not given.startswith(walk.name) and not _MODEL_CLASS.search(scope):
        return Decision("selection", f"the model for {step.name}", named=True)  # `OPENAI("OpenAI", "gpt-4o")`
    return Decision("catalog", f"member {step.name} of an enumeration")


def _receiver(step: Step, _walk: Walk) -> Decision | None:
    return Decision("compare", f"compared ({step.name})") if step.name.lower() in _ASKED_OF_A_NAME else None


def _item(step: Step, walk: Walk) -> Decision | None:
    flag = flag_before(step.items, walk.name)
    if flag:
        return Decision("selection", f"value of {flag}", named=True)
    if walk.name.lower() in say.PROVIDERS and sum(item.lower() in say.PROVIDERS for item in step.items) > 1:
        return Decision("catalog", "one of several providers")
    head = step.items[0] if len(step.items) > 1 else ""
    if (
        MEMBER.fullmatch(head)
        and say.names_a_model(head)
        and not looks_like_model(head)
        and names_among(step.items) == 1
    ):
        return Decision("selection", f"value of {head}", named=True)  # a row of options: `{"model", "m", "gpt-4o"}`
    several = walk.listed > 0 and len(step.items) > 1  # a list of lists
    walk.listed += 1 if several else names_among(step.items)
    if walk.keyed and walk.weak is not None and len(step.items) > 1:
        walk.records = True
    return None


def _assign(step: Step, walk: Walk) -> Decision | None:
    name = step.name
    if say.is_shown(name):
        return Decision("prose", f"text in {name}")
    flowing = _flowing(walk, step)
    if flowing is not None:
        return flowing
    if say.is_table(name):
        return Decision("catalog", f"in {name}")
    chosen = say.words(name) & say.CHOSEN and not say.words(name) & say.TABLE_WORDS
    if walk.keyed and not walk.records and chosen:
        return Decision("selection", f"one of {name}", named=True)  # `DEFAULT_MODELS = {judge: "gpt-4o"}`
    listed = in_list(walk, name)
    if listed is not None:
        return listed
    if walk.records:
        return Decision("catalog", f"a record in {name}")
    return _bound(name, step, walk)


def _bound(name: str, step: Step, walk: Walk) -> Decision | None:
    """Decide for a single name from what the variable or constant that holds it is called."""
    if say.words(name) & say.CHOSEN:
        return Decision("selection", f"value of {name}", named=True)
    scope = walk.around("scope")
    if _MODEL_CLASS.search(scope) and not say.names_a_model(name):
        return Decision("catalog", f"constant {name} of {scope}")
    if names_itself(name, walk.name):
        return Decision("catalog", f"constant {name}, named after the model itself")
    if say.names_a_model(name):
        return Decision("selection", f"value of {name}", named=True)
    if sum(looks_like_model(value) for value in step.siblings.values()) > 2:
        return Decision("catalog", f"constant {name}, one of several")
    walk.hint(f"value of {name}")
    return None


def _flowing(walk: Walk, step: Step) -> Decision | None:
    """Decide from what the file does with the variable. Of a list, only what a loop does with each item counts."""
    looped = step.owner == "loop"
    if walk.depth or not walk.flow:
        return None
    found, used = [], None
    for steps in walk.flow[:MAX_FLOWS]:
        if say.in_test(steps):
            continue
        each = looped or (_is_loop(steps) and not say.is_table(step.name))
        decision = _flow(steps, walk, each=each)
        found.append(decision)
        # A loop hands each name to many helpers; only a parameter that says `model` sends it.
        sent = looped or not decision.taker or _SETTER.fullmatch(decision.taker) if each else walk.listed < 2
        if decision.role == "selection" and decision.named and sent:
            used = used or decision
    if used is not None:
        return Decision("selection", f"a variable; then {used.why}", named=True)
    if found and all(d.role == "compare" for d in found):
        return Decision("compare", "a variable that is only compared")
    return None


def _is_loop(steps: tuple[Step, ...]) -> bool:
    return bool(steps) and steps[-1].owner == "loop"


def _flow(steps: tuple[Step, ...], walk: Walk, *, each: bool) -> Decision:
    around = steps[:-1] if _is_loop(steps) else steps
    return walk_out(around, Walk(walk.path, walk.name, depth=1, listed=0 if each else walk.listed))


def _is_counted(steps: tuple[Step, ...]) -> bool:
    """Tell whether a variable is handed to what counts tokens."""
    call = next((s.owner for s in steps if s.kind == "argument"), "")
    return TOKENIZER.search(call.lower().replace("_", "")) is not None or say.COUNTS.search(call) is not None


def _default(step: Step, walk: Walk) -> Decision | None:
    if say.is_shown(step.name):
        return Decision("prose", f"text in {step.name}")
    listed = in_list(walk, step.name)
    if listed is not None:
        return listed
    scopes = (s.name for s in walk.outer if s.kind == "scope")
    counter = next((s for s in scopes if TOKENIZER.search(s.lower()) or say.COUNTS.search(s)), "")
    if counter:
        return Decision("compare", f"looked up by {counter}")
    if walk.flow and not walk.depth and all(map(_is_counted, walk.flow)):
        return Decision("compare", "a variable that only counts tokens")
    if say.names_a_model(step.name):
        return Decision("selection", f"default of {step.name}", named=True)
    walk.hint(f"default of {step.name}")
    return None


def _return(_step: Step, walk: Walk) -> Decision | None:
    walk.hint("returned")
    return None


def _arm(step: Step, walk: Walk) -> Decision | None:
    if MEMBER.fullmatch(step.name) and names_itself(re.split(r"\W", step.name)[-1], walk.name):
        return Decision("catalog", f"the id of {step.name}")
    if step.owner:
        walk.hint("chosen by a match")
    return None


def _names_one(scope: str) -> bool:
    """Tell whether a function or section is about one model, not about several (`register_models`)."""
    if _OF_A_MODEL.search(scope):
        return False
    return say.names_a_model(scope) and "models" not in say.words(scope) and not _ASKS.match(scope)


def _is_constant_of(scope: str, walk: Walk) -> bool:
    """Tell whether a name is wrapped for a class of constants, or gives its own class the name: `object GPT_4`."""
    wrapped = walk.weak is not None and walk.weak.named
    return names_itself(scope, walk.name) or (wrapped and _MODEL_CLASS.search(scope) is not None)


def _scope(step: Step, walk: Walk) -> Decision | None:
    if step.owner == "function":
        return None if walk.weak is not None and walk.weak.why == "returned" else _nothing_decided(walk)
    counter = next((s.name for s in (step, *walk.outer) if s.kind == "scope" and TOKENIZER.search(s.name.lower())), "")
    if counter and not (walk.weak and walk.weak.named):
        return Decision("compare", f"in {counter}")
    if step.owner == "class" and walk.weak is not None and _is_constant_of(step.name, walk):
        return Decision("catalog", f"constant of {step.name}")
    if walk.weak is not None and say.words(step.name) & say.SHOWING_FUNCTIONS:
        return Decision("prose", f"text of {step.name}")
    if walk.weak is not None and walk.weak.why in ("returned", "chosen by a match") and walk.listed < 2:
        if say.ABOUT.search(step.name):
            return Decision("catalog", f"{walk.weak.why} by {step.name}")
        named = _names_one(step.name) and step.owner != "class"
        return Decision("selection", f"{walk.weak.why} by {step.name}", named) if named else None
    if walk.weak is None and walk.listed < 2 and step.owner != "class" and _names_one(step.name):
        return Decision("selection", f"in {step.name}", named=True)
    if walk.keyed and not is_code(walk.path) and say.names_a_model(step.name):
        return Decision("selection", f"in {step.name}", named=True)
    return None


_RULES: dict[str, Callable[[Step, Walk], Decision | None]] = {
    "key": _key,
    "compare": _compare,
    "type": _type,
    "raise": _raise,
    "markup": _markup,
    "enum": _enum,
    "receiver": _receiver,
    "item": _item,
    "argument": of_argument,
    "pair": of_pair,
    "assign": _assign,
    "default": _default,
    "return": _return,
    "arm": _arm,
    "scope": _scope,
}
