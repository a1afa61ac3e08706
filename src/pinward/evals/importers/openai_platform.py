"""The OpenAI Evals platform: an eval's definition (`GET /v1/evals/{id}`), its run's prompt, and its data as JSON lines.

The platform shuts down on 2026-11-30 (developers.openai.com/api/docs/deprecations, 2026-06-03). Data stand in the run,
or in JSON lines beside the file: one of the same name, else the only one. Each line holds an `item`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from posixpath import dirname, splitext

from pinward.core.documents import Document
from pinward.core.policy import Json
from pinward.core.tree import Tree
from pinward.errors import ConfigError
from pinward.evals.importers.base import Check, Draft, Texts
from pinward.evals.importers.judged import by_range, by_rubric
from pinward.evals.rows import read_rows

Node = dict[str, Json]
_ANSWER = re.compile(r"\s*\{\{-?\s*sample\.output_text\s*-?\}\}\s*")
_FIELD = re.compile(r"\s*\{\{-?\s*sample\.output_json((?:\.\w+|\[\d+\])+)\s*-?\}\}\s*")
_ITEM = re.compile(r"\s*\{\{-?\s*item((?:\.\w+)+)\s*-?\}\}\s*")
_ROLES = {"developer": "system", "system": "system", "user": "user", "assistant": "assistant"}


class OpenAIPlatform:
    """Recognises a file by `testing_criteria`, at its top or under `eval`."""

    name = "openai-platform"

    def recognises(self, path: str, document: Document) -> bool:  # noqa: ARG002 # the signature is the Protocol's
        """Tell whether a file defines an eval of the platform."""
        return isinstance(_definition(document.value).get("testing_criteria"), list)

    def read(self, tree: Tree, document: Document) -> list[Draft]:
        """Return one suite."""
        root = _node(document.value)
        definition = _definition(root)
        run = _node(root.get("run")) or root
        source = _node(run.get("data_source"))
        draft = Draft(str(definition.get("name") or self.name))
        _prompt(draft, source)
        graders = [_node(part) for part in _list(definition.get("testing_criteria"))]
        for where, item in _items(tree, document.path, _node(source.get("source"))):
            _case(draft, item, graders, where)
        return [draft]


def _node(value: Json) -> Node:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _definition(value: Json) -> Node:
    root = _node(value)
    return _node(root.get("eval")) or root


def _prompt(draft: Draft, source: Node) -> None:
    """Carry the messages and parameters of the run."""
    messages = _node(source.get("input_messages"))
    template = [_node(part) for part in _list(messages.get("template"))]
    parameters = _node(source.get("sampling_params"))
    if "item_reference" in messages:
        draft.note("input_messages", "`item_reference` is left out; name the prompt in `pinward.yml`")
    elif not template:
        draft.note("data_source", "there is no run with a prompt; name the prompt in `pinward.yml`")
    else:
        version: Node = {"version": 1, "messages": [_message(part) for part in template]}
        known = {"max_completions_tokens": "max_tokens", "max_completion_tokens": "max_tokens"}
        params: Node = {known.get(key, key): part for key, part in parameters.items() if part is not None}
        for key in sorted(set(params) - {"temperature", "top_p", "max_tokens", "seed", "reasoning_effort"}):
            draft.note("sampling_params", f"`{key}` is left out")
            del params[key]
        draft.versions.append({**version, "params": params} if params else version)


def _message(part: Node) -> Node:
    role = _ROLES.get(str(part.get("role", "user")))
    if role is None:
        raise ConfigError(f"input_messages: the role `{str(part.get('role'))[:40]}` is not known", "Mend the message.")
    return {"role": role, "content": _content(part.get("content"))}


def _content(value: Json) -> str:
    """Return the text of a message: plain, or in parts of the Responses API."""
    if isinstance(value, str):
        return value
    parts = [_node(part) for part in (value if isinstance(value, list) else [value])]
    if not parts or not all(isinstance(part.get("text"), str) for part in parts):
        raise ConfigError("a message holds something else than text", "Images and audio are not carried.")
    return "\n".join(str(part["text"]) for part in parts)


def _items(tree: Tree, path: str, source: Node) -> Iterator[tuple[str, Node]]:
    written = _list(source.get("content"))
    if written:
        yield from ((f"item {number}", _node(_node(row).get("item"))) for number, row in enumerate(written, 1))
        return
    data = _data_file(tree, path)
    yield from ((f"{data}:{line}", _node(row["item"]) if "item" in row else row) for line, row in read_rows(tree, data))


def _data_file(tree: Tree, path: str) -> str:
    twin = f"{splitext(path)[0]}.jsonl"
    if tree.exists(twin):
        return twin
    beside = [name for name in tree.paths() if dirname(name) == dirname(path) and name.endswith(".jsonl")]
    if len(beside) != 1:
        found = f"{len(beside)} files of JSON lines" if beside else "no data"
        raise ConfigError(f"{path}: there is {found} beside the eval", f"Put its items into `{twin}`, one a line.")
    return beside[0]


def _case(draft: Draft, item: Node, graders: list[Node], where: str) -> None:
    checks: list[Json] = []
    for grader in graders:
        try:
            checks.append(_check(grader, item))
        except ConfigError as error:
            draft.note(where, f"grader `{str(grader.get('name') or grader.get('type'))[:60]}`: {error.message}")
    if not checks:
        draft.note(where, "left out: no grader that can be carried, so any answer would pass")
        return
    draft.add({"input": {"item": item}, "checks": checks}, where)


def _check(grader: Node, item: Node) -> Check:
    make = _GRADERS.get(str(grader.get("type")))
    if make is None:
        why = {"python": "runs code", "multi": "combines graders by a formula"}
        raise ConfigError(f"`{grader.get('type')}` {why.get(str(grader.get('type')), 'has no counterpart')}")
    return make(_Grader(grader, item))


@dataclass(frozen=True, slots=True)
class _Grader:
    """One grader for one item of the data."""

    written: Node
    item: Node

    def text(self, key: str) -> str:
        """Return a template filled from the item; what stands for the answer says so."""
        value = self.written.get(key)
        if not isinstance(value, str):
            raise ConfigError(f"`{key}` is no text")
        sample: Json = {"output_text": "(see ANSWER)", "output_json": "(see ANSWER)"}
        filled = Texts({"item": self.item, "sample": sample}).fill(value)
        return str(filled)

    def reference(self) -> str:
        """Return what the answer is compared with, no part of which may be the answer."""
        if "sample." in str(self.written.get("reference")):
            raise ConfigError("it compares the answer with itself")
        text = self.text("reference")
        if not text:
            raise ConfigError("its reference is empty")
        return text

    def value(self) -> Json:
        """Return the item's own value where the reference is one variable, else the reference's text."""
        match = _ITEM.fullmatch(str(self.written.get("reference")))
        value: Json = self.item
        for key in match[1].strip(".").split(".") if match else ():
            value = _node(value).get(key)
        if match and value is None:
            raise ConfigError(f"the item has no `{match[1].strip('.')}`")
        return value if match else self.reference()

    def rubric(self) -> str:
        """Return the judge's messages as one text."""
        parts = [
            _Grader({"text": _content(_node(part).get("content"))}, self.item)
            for part in _list(self.written.get("input"))
        ]
        return "\n\n".join(part.text("text") for part in parts)

    def number(self, key: str, default: Json = None) -> float:
        """Return a number."""
        value = self.written.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(f"`{key}` is no number")
        return float(value)


def _string_check(grader: _Grader) -> Check:
    operation = str(grader.written.get("operation"))
    field = _FIELD.fullmatch(str(grader.written.get("input")))
    if field and operation in {"eq", "ne"}:
        check: Check = {"json_equals": {"path": f"${field[1]}", "value": grader.value()}}
        return check if operation == "eq" else {"not": check}
    if not _ANSWER.fullmatch(str(grader.written.get("input"))):
        raise ConfigError("its input is something else than the answer")
    reference = grader.reference()
    checks: dict[str, Check] = {
        "eq": {"equals": reference},
        "ne": {"not": {"equals": reference}},
        "like": {"contains": reference},
        "ilike": {"contains": {"all": [reference], "ignore_case": True}},
    }
    if operation not in checks:
        raise ConfigError(f"the operation `{operation[:40]}` is not known")
    return checks[operation]


def _text_similarity(grader: _Grader) -> Check:
    metric = str(grader.written.get("evaluation_metric"))
    names = {"fuzzy_match": "levenshtein", "rouge_1": "token_f1"}
    if metric not in names:
        raise ConfigError(f"the metric `{metric[:40]}` has no counterpart")
    if not _ANSWER.fullmatch(str(grader.written.get("input"))):
        raise ConfigError("its input is something else than the answer")
    return {names[metric]: {"value": grader.reference(), "min": grader.number("pass_threshold")}}


def _score_model(grader: _Grader) -> Check:
    ends = grader.written.get("range", [0, 1])
    if not isinstance(ends, list) or len(ends) != 2:
        raise ConfigError("`range` is no pair of numbers")
    low, high = (_Grader({"range": end}, {}).number("range") for end in ends)
    return by_range(grader.rubric(), low, high, grader.number("pass_threshold"))


def _label_model(grader: _Grader) -> Check:
    passing = [str(label) for label in _list(grader.written.get("passing_labels"))]
    labels = [str(label) for label in _list(grader.written.get("labels"))]
    if not 0 < len(set(passing) & set(labels)) < len(set(labels)):
        raise ConfigError("all of its labels pass, or none")
    return by_rubric(grader.rubric(), labels={label: int(label in passing) for label in labels})


_GRADERS: dict[str, Callable[[_Grader], Check]] = {
    "string_check": _string_check,
    "text_similarity": _text_similarity,
    "score_model": _score_model,
    "label_model": _label_model,
}
