"""The rules of arguments: what a function and the words of a command say about a name that is handed to them."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from pinward.scan import vocabulary as say
from pinward.scan.mentions import Step
from pinward.scan.records import is_chosen, is_record, is_repeated, is_title, is_titled, is_traced
from pinward.scan.walks import Decision, Walk, constant_of, in_list, names_among

_MODEL_WRAPPER = re.compile(r"(?:^|\.)(?:new\.)?(?:[A-Z]\w*)?Model(?:Id|Name|Type|Ref)?$")
_MAKER = re.compile("openai|anthropic|mistral|ollama|bedrock|deepseek")  # words do not part `OpenAI`
_CHOICES = frozenset({"option", "item", "radio", "chip", "tab", "badge"})  # elements of menus
# `service_id`, an alias that the program gives; `app_version`, under which runs are recorded.
_OTHER_ID = re.compile(r"(?:_id|[a-z]Id)$|^(?:app|run|experiment)_?(?:[nN]ame|[vV]ersion)$")
_OWN_NAMES = frozenset({"id", "name", "key", "value", "slug"})
_TABLES = frozenset({"set", "list", "array", "map", "pair", "tuple", "entry", "gpt", "llms", "option", "options"})
_QUESTIONS = frozenset({"is", "has", "supports", "can", "should", "needs", "requires", "allows", "accepts"})
_SETS = frozenset({"set", "with", "use", "from", "add", "new", "create", "make", "of", "load"})
_ASKED = frozenset(
    {"price", "pricing", "cost", "limit", "limits", "window", "capabilities", "capability", "dimensions"}
)
TOKENIZER = re.compile("tokeni[sz]er|tik_?tokens?|tokencount|tokenmodel|encodingfor|tokentextsplitter")


def flag_before(items: tuple[str, ...], name: str) -> str:
    """Return the flag that stands directly before a name among arguments."""
    pairs = pairwise(items)
    return next((flag for flag, value in pairs if value == name and say.MODEL_FLAGS.match(flag)), "")


@lru_cache(maxsize=32768)
def asks_about(function: str) -> bool:
    """Tell whether a function answers a question about a model: `supports_vision`, `getModelFamily`."""
    first = next(iter(say.parts(function)), "")
    if first in _QUESTIONS:
        return True
    if not function[:1].islower() or first in _SETS:
        return False
    return say.ABOUT.search(function) is not None or bool(say.words(function) & _ASKED)


def of_argument(step: Step, walk: Walk) -> Decision | None:
    """Decide for a name among the arguments of a call or the words of a command; None where they say nothing."""
    function = step.owner.rsplit(".", 1)[-1].lower().strip("@?")  # Ruby and Elixir ask with a question mark
    if function in say.TEST_ROWS:
        return Decision("test", f"a row of {function}")
    if function in say.SEARCHES:
        return Decision("compare", f"searched for by {function}")
    if is_traced(step, function):
        return Decision("data", "an attribute of a trace")
    if step.name:
        return _named_argument(step, function, walk)
    before = step.items[step.position - 1] if 0 < step.position <= len(step.items) else ""
    flag = before if before.startswith("-") else flag_before(step.items, walk.name)
    if say.MODEL_FLAGS.match(flag):
        return Decision("selection", f"value of {flag}", named=True)
    if flag:
        walk.hint(f"value of {flag}")
        return None
    return _by_function(step, function, walk)


def _named_argument(step: Step, function: str, walk: Walk) -> Decision | None:
    name = step.name.lower()
    if say.is_shown(step.name):
        return Decision("prose", f"text in {step.name}")
    if TOKENIZER.search(function) or say.COUNTS.search(function):
        return Decision("compare", f"looked up by {function}")
    default = name.lstrip("-") == "default" or (name == "value" and function in say.DECLARES)
    if default and any(say.names_a_model(item.lstrip("-")) for item in step.items):
        return Decision("selection", "default of an option", named=True)
    offered = _in_menu(step) or in_list(walk, step.name)
    if offered is not None:
        return offered
    if is_record(step) or (name in _OWN_NAMES and (is_titled(step, walk.name) or is_repeated(step, walk.name))):
        return Decision("catalog", "in a record about a model")
    typed = walk.constant and "model" in say.words(step.name)  # `model_type=ModelType.GPT_4O`
    if typed or say.names_a_model(step.name) or say.MODEL_FLAGS.match(step.name):
        return Decision(
            "selection", f"argument {step.name} of {function}" if function else f"value of {step.name}", True
        )
    if _OTHER_ID.search(step.name):
        return Decision("catalog", f"the {step.name} of something else")
    if not say.words(function) & say.TABLE_WORDS:
        walk.hint(f"argument {step.name} of {function}")
    return None


def _in_menu(step: Step) -> Decision | None:
    if say.words(step.owner) & _CHOICES:
        return Decision("catalog", f"a choice in {step.owner}")
    if is_chosen(step):
        return Decision("selection", f"chosen in {step.owner} until another is")
    listed = step.name.lower() in ("choices", "options", "enum") or say.is_table(step.name)
    if listed or say.is_table(step.owner.rsplit(".", 1)[-1]):
        return Decision("catalog", f"choice in {step.name}")
    return None


def _default_given(step: Step, function: str, walk: Walk) -> Decision | None:
    """Decide for an argument of a function that reads the environment or declares an option: its default, mostly."""
    first = next((i for i in step.items if i != walk.name and say.names_a_model(i.lstrip("-"))), "")
    if step.position > 0 and first:
        return Decision("selection", f"default of {first}", named=True)
    if function in say.LOOKUPS and step.position == 0 and not say.words(step.owner) & {"model", "llm", "client"}:
        return Decision("compare", f"looked up ({function})")
    return None


def _names_a_member(step: Step, function: str) -> bool:
    """Tell whether a name is what data or a menu calls a member: `@SerialName("x")`, `#[serde(rename = "x")]`."""
    before = step.items[step.position - 1] if 0 < step.position <= len(step.items) else ""
    return function in say.NAMES_MEMBERS or (function in say.RUST_ATTRIBUTES and before in say.RUST_RENAMES)


def _by_function(step: Step, function: str, walk: Walk) -> Decision | None:
    decision = _not_sent(step, function, walk)
    if decision is not None:
        return decision
    if function in say.ENVIRONMENT | say.DECLARES | say.ENTRIES:
        return _default_given(step, function, walk)
    return _sent(step, function, walk)


def _not_sent(step: Step, function: str, walk: Walk) -> Decision | None:
    """Decide for a name that a function compares, shows, or enters in a table."""
    if function in say.COMPARES or TOKENIZER.search(step.owner.lower()):
        return Decision("compare", f"compared ({function})")
    given = walk.depth or step.items[step.position : step.position + 1] == (walk.name,)
    if say.COUNTS.search(function) or (given and asks_about(step.owner.rsplit(".", 1)[-1])):
        return Decision("compare", f"looked up by {function}")
    if say.shows(step.owner):
        return Decision("prose", f"shown by {function}")
    if _names_a_member(step, function):
        return Decision("catalog", f"named by {function}")
    if function in say.ENTRIES | {"set"} and step.position == 0 and len(step.items) == 2:
        return Decision("catalog", "key of a table")
    if function in say.LOOKUPS - say.ENVIRONMENT:
        return Decision("compare", f"looked up ({function})")
    offered = function.startswith(("register", "additem"))
    return Decision("catalog", f"registered ({function})") if offered else None


def _collections(owner: str) -> frozenset[str]:
    """Return the functions that make collections; as a method of something, `set` changes a setting of it."""
    return say.COLLECTIONS - {"set"} if "." in owner else say.COLLECTIONS


def _takes_several(owner: str) -> bool:
    """Tell whether what is made of several names is no list or table of them: `new Router("gpt-4o", "gpt-4")`."""
    made = owner.rsplit(".", 1)[-1]
    return (
        made[:1].isupper()
        and not made.isupper()
        and not say.words(made) & (say.TABLE_WORDS | say.MODEL_WORDS | _TABLES)
    )


def _sent(step: Step, function: str, walk: Walk) -> Decision | None:
    if step.position > 0 and step.items[0] == step.owner:
        walk.listed = 0  # a command is handed all names of a word: `oaieval gpt-4,gpt-4o`
    together = names_among(step.items)
    collected = function in _collections(step.owner) or function.endswith(("setof", "listof", "arrayof", "mapof"))
    if collected or (together > 1 and not _takes_several(step.owner)):
        walk.listed += together
        return None
    if step.items.count(walk.name) > 1 and "deployment" not in say.words(step.owner):
        return Decision("catalog", "registered under its own name")
    texts = (i for i in step.items if i != walk.name and '"' not in i and constant_of(i) is None)
    if not walk.constant and any(is_title(item, walk.name) for item in texts):
        return Decision("catalog", "in a record about a model")
    if _MODEL_WRAPPER.search(step.owner) and walk.listed < 2:
        walk.weak = walk.weak or Decision("selection", f"argument of {function}", named=True, taker=function)
        return None
    made = (say.words(step.owner) & say.PROVIDERS or _MAKER.search(function)) and not say.ABOUT.search(function)
    if (made or say.names_a_model(step.owner.rsplit(".", 1)[-1])) and walk.listed < 2:
        return Decision("selection", f"argument of {function}", named=True, taker=function)
    walk.hint(f"argument of {function}")
    return None
