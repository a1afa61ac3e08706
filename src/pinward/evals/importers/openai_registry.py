"""OpenAI Evals, the open-source registry: `registry/evals/*.yaml` and its samples (github.com/openai/evals).

`Match` accepts an answer that begins with an ideal one, `Includes` one that contains it, `JsonMatch` one that equals
it as JSON. Model-graded evals become a judge; solver evals are listed, not carried.
"""

from __future__ import annotations

from collections.abc import Callable
from posixpath import dirname, join, normpath

from pinward.core.documents import Document
from pinward.core.policy import Json
from pinward.core.strict_json import JsonError, parse_json
from pinward.core.tree import Tree, read_data
from pinward.errors import ConfigError
from pinward.evals.importers.base import Check, Draft
from pinward.evals.importers.openai_modelgraded import ModelGraded
from pinward.evals.rows import read_rows

_CARRIED = {"samples_jsonl", "ignore_case", "max_tokens", "modelgraded_spec", "modelgraded_spec_args", "eval_type"}
_LFS = b"version https://git-lfs"


class OpenAIRegistry:
    """Recognises a file by entries with `class: evals...` and `args`."""

    name = "openai-evals"

    def recognises(self, path: str, document: Document) -> bool:  # noqa: ARG002 # the signature is the Protocol's
        """Tell whether a file belongs to the registry."""
        value = document.value
        return isinstance(value, dict) and any(_class(entry) for entry in value.values())

    def read(self, tree: Tree, document: Document) -> list[Draft]:
        """Return one suite for each eval of the file."""
        root = document.value if isinstance(document.value, dict) else {}
        return [_eval(tree, document.path, name, entry) for name, entry in root.items() if _class(entry)]


def _class(entry: Json) -> str:
    """Return the short name of an eval's class, empty for what is none."""
    written = str(entry.get("class", "")) if isinstance(entry, dict) else ""
    return written.rpartition(":")[2] if written.startswith("evals.") else ""


def _eval(tree: Tree, path: str, name: str, entry: Json) -> Draft:
    draft = Draft(name)
    options = entry.get("args") if isinstance(entry, dict) else None
    args = options if isinstance(options, dict) else {}
    for key in sorted(set(args) - _CARRIED):
        draft.note(name, f"`{key}` is left out")
    if _class(entry) == "FuzzyMatch":
        draft.note(name, "`FuzzyMatch` is carried as `contains` without case; punctuation and articles count here")
    try:
        samples = normpath(join(dirname(path), "..", "data", str(args.get("samples_jsonl", ""))))
        _samples(tree, samples, draft, _checking(tree, path, _class(entry), args))
    except ConfigError as error:
        draft.note(name, error.message)
    return draft


def _checking(tree: Tree, path: str, kind: str, args: dict[str, Json]) -> Callable[[dict[str, Json]], Check]:
    """Return what makes the check of a sample. Raises `ConfigError` for an eval that has no counterpart."""
    if kind == "ModelBasedClassify":
        return ModelGraded(tree, path, args).check
    check = _CHECKS.get(kind)
    if check is None:
        raise ConfigError(f"`{kind}` has no counterpart")
    return lambda sample: check(sample.get("ideal"), args)


def _samples(tree: Tree, path: str, draft: Draft, check: Callable[[dict[str, Json]], Check]) -> None:
    if read_data(tree, path)[:40].startswith(_LFS):
        raise ConfigError(f"{path}: is a pointer of Git LFS, not the file; run `git lfs pull`")
    for line, row in read_rows(tree, path):
        where = f"line {line}"
        try:
            draft.add({"input": _input(row.get("input")), "checks": [check(row)]}, where)
        except ConfigError as error:
            draft.note(f"{path}:{line}", error.message)


def _input(value: Json) -> Json:
    if not isinstance(value, list):
        if not isinstance(value, str) or not value.strip():
            raise ConfigError("the sample has no input")
        return value
    parts = [part for part in value if isinstance(part, dict)]
    blank = [part for part in parts if not isinstance(part.get("content"), str) or not str(part["content"]).strip()]
    if not parts or len(parts) < len(value) or blank:
        raise ConfigError("a message of the sample has no text")
    return {"messages": [{"role": part.get("role"), "content": part["content"]} for part in parts]}


def _ideals(value: Json) -> list[Json]:
    ideals: list[Json] = value if isinstance(value, list) else [value]
    if not ideals or not all(isinstance(ideal, str) and ideal for ideal in ideals):
        raise ConfigError("the sample has no ideal answer in text")
    return ideals


def _match(ideal: Json, _: dict[str, Json]) -> Check:
    return {"starts_with": _ideals(ideal)}


def _includes(ideal: Json, args: dict[str, Json]) -> Check:
    return {"contains": {"any": _ideals(ideal), "ignore_case": args.get("ignore_case") is True}}


def _fuzzy(ideal: Json, _: dict[str, Json]) -> Check:
    return {"contains": {"any": _ideals(ideal), "ignore_case": True}}


def _json(ideal: Json, _: dict[str, Json]) -> Check:
    try:
        values = [parse_json(str(part)) for part in _ideals(ideal)]
    except JsonError as error:
        raise ConfigError(f"the ideal answer is not JSON: {error}") from None
    return {"any": [{"json_equals": {"path": "$", "value": value}} for value in values]}


_CHECKS: dict[str, Callable[[Json, dict[str, Json]], Check]] = {
    "Match": _match,
    "Includes": _includes,
    "FuzzyMatch": _fuzzy,
    "JsonMatch": _json,
}
