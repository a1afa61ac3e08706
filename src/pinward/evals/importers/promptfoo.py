"""promptfoo: `promptfooconfig.yaml` (promptfoo.dev, "Configuration reference").

Prompts become versions of a prompt file, tests become cases; `defaultTest` and `scenarios` are merged as promptfoo
does, lists of variables are multiplied out; model-graded assertions become a judge. Code and providers are listed, not
carried.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pinward.core.documents import Document, decode
from pinward.core.policy import Json
from pinward.core.strict_json import JsonError, parse_json
from pinward.core.tree import Tree, locate, read_document
from pinward.errors import ConfigError
from pinward.evals.importers.base import Draft, Texts
from pinward.evals.importers.promptfoo_assertions import carry
from pinward.evals.rows import find_files, read_rows
from pinward.prompts.sandbox import compile_template

Node = dict[str, Json]
_CODE = (".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".sh")
MAX_CASES = 10_000
_CHANGING = {"transform", "transformVars", "postprocess", "prefix", "suffix"}
_HARMLESS = {"provider", "rubricPrompt", "includeMetrics"}


class Promptfoo:
    """Recognises a file by its name, or by `prompts` and `providers` at its top."""

    name = "promptfoo"

    def recognises(self, path: str, document: Document) -> bool:
        """Tell whether a file is promptfoo's."""
        value = document.value
        named = "promptfooconfig" in path.rpartition("/")[2]
        return isinstance(value, dict) and (named or {"prompts", "providers"} <= set(value))

    def read(self, tree: Tree, document: Document) -> list[Draft]:
        """Return one suite."""
        root = node(document.value)
        reader = _Reader(tree, document.path, Draft("promptfoo"))
        reader.prompts(root.get("prompts"))
        default = node(root.get("defaultTest"))
        for number, test in enumerate(reader.tests(root), 1):
            reader.test(merge(default, test), f"test {number}")
        for key in sorted(set(root) & {"redteam", "evaluateOptions", "derivedMetrics", "extensions", "transform"}):
            reader.draft.note(key, "has no counterpart")
        reader.draft.complete_inputs()
        return [reader.draft]


def node(value: Json) -> Node:
    """Return a mapping, empty for anything else."""
    return value if isinstance(value, dict) else {}


def nodes(value: Json) -> list[Json]:
    """Return a list; one value counts as a list of one, nothing as none."""
    return value if isinstance(value, list) else [] if value is None else [value]


def merge(default: Node, test: Node) -> Node:
    """Put a test over the defaults: variables and options by key, assertions one after the other."""
    merged = {**default, **test}
    for key in ("vars", "options"):
        if key in merged:
            merged[key] = {**node(default.get(key)), **node(test.get(key))}
    merged["assert"] = [*nodes(default.get("assert")), *nodes(test.get("assert"))]
    return merged


@dataclass
class _Reader:
    tree: Tree
    path: str
    draft: Draft
    multiplied: int = 0  # cases

    def prompts(self, value: Json) -> None:
        for entry in nodes(value):
            for content in self._prompt(entry):
                version: Json = len(self.draft.versions) + 1
                self.draft.versions.append({"version": version, **content})
        if len(self.draft.versions) > 1:
            self.draft.note("prompts", f"{len(self.draft.versions)} prompts became versions; the gate runs the newest")

    def _prompt(self, entry: Json) -> Iterator[Node]:
        options = node(entry)
        source = str(options.get("raw") or options.get("id") or "") if options else str(entry)
        try:
            for text in self._sources(source, raw="raw" in options):
                yield _prompt_content(text)
        except ConfigError as error:
            self.draft.note(f"prompt `{source[:60]}`", error.message)

    def _sources(self, source: str, raw: bool) -> Iterator[str]:
        name = source.removeprefix("file://")
        if raw or not (source.startswith("file://") or re.fullmatch(r"[\w./*-]+\.(txt|json|ya?ml|md|j2)", source)):
            _refuse_code(source if "\n" not in source else "")
            yield source
            return
        _refuse_code(name)
        for path in find_files(self.tree, self.path, name):
            text = decode(self.tree.read(path), path)
            yield from re.split(r"^---$", text, flags=re.MULTILINE) if path.endswith(".txt") else [text]

    def tests(self, root: Node) -> Iterator[Node]:
        for entry in nodes(root.get("tests")):
            yield from self._tests(entry)
        for scenario in nodes(root.get("scenarios")):
            configs, tests = nodes(node(scenario).get("config")), nodes(node(scenario).get("tests"))
            written = [test for entry in tests for test in self._tests(entry)] or [{}]
            if 1 in (len(configs), len(written)) or self._fits(len(configs) * len(written), "a scenario"):
                yield from (merge(node(config), test) for config in configs for test in written)

    def _fits(self, cases: int, where: str) -> bool:
        """Count cases that a few lines multiply to, over the whole file; note those that would be too many."""
        if self.multiplied + cases > MAX_CASES:
            self.draft.note(where, f"left out: this file multiplies to more than {MAX_CASES:,} cases")
            return False
        self.multiplied += cases
        return True

    def _tests(self, entry: Json) -> Iterator[Node]:
        if isinstance(entry, dict) and "path" not in entry:
            yield entry
            return
        source = str(node(entry).get("path", entry)).removeprefix("file://")
        try:
            _refuse_code(source)
            for path in find_files(self.tree, self.path, source):
                yield from (_row(row, path) for _, row in read_rows(self.tree, path))
        except ConfigError as error:
            self.draft.note(f"tests `{source[:60]}`", error.message)

    def test(self, test: Node, where: str) -> None:
        options = set(node(test.get("options")))
        if changed := sorted(options & _CHANGING):
            self.draft.note(where, f"left out: `{changed[0]}` changes the prompt or the answer by code")
            return
        if rest := sorted(options - _HARMLESS):
            self.draft.note(where, f"options are left out: {', '.join(rest)}")
        try:
            spread = _combinations({key: self._value(value) for key, value in node(test.get("vars")).items()})
        except ConfigError as error:
            self.draft.note(where, f"left out: {error.message}")
            return
        if len(spread) == 1 or self._fits(len(spread), where):
            for variables in spread:
                self._case(test, variables, where)

    def _case(self, test: Node, variables: Node, where: str) -> None:
        checks = [check for entry in nodes(test.get("assert")) for check in self._checks(node(entry), variables, where)]
        if not checks:
            self.draft.note(where, "left out: it has no assertion that can be carried, so any answer would pass")
            return
        if test.get("threshold") is not None:
            checks = [{"all": {"checks": list[Json](checks), "threshold": test["threshold"]}}]
        self.draft.add(
            {"input": variables or {"input": ""}, "checks": list[Json](checks)}, str(test.get("description") or where)
        )

    def _checks(self, entry: Node, variables: Node, where: str) -> list[Node]:
        try:
            if entry.get("type") == "assert-set":
                inner = [
                    check for part in nodes(entry.get("assert")) for check in self._checks(node(part), variables, where)
                ]
                options: Node = {"threshold": entry["threshold"]} if "threshold" in entry else {}
                return [{"all": {"checks": list[Json](inner), **options}}] if inner else []
            if entry.get("weight") == 0:
                raise ConfigError(f"`{entry.get('type')}` with weight 0 only measures")
            check = carry(node(Texts(variables).fill(entry)))
            return [{**check, "weight": entry["weight"]} if "weight" in entry else check]
        except ConfigError as error:
            self.draft.note(where, error.message)
            return []

    def _value(self, value: Json) -> Json:
        """Return a variable's value, read from its file where it names one."""
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if not isinstance(value, str) or not value.startswith("file://"):
            return value
        name = value.removeprefix("file://")
        _refuse_code(name)
        if "*" in name:
            return [decode(self.tree.read(path), path) for path in find_files(self.tree, self.path, name)]
        path = locate(self.tree, self.path, name.removeprefix("./"))
        if path.endswith((".json", ".yaml", ".yml")):
            return read_document(self.tree, path).value
        return decode(self.tree.read(path), path)


def _refuse_code(name: str) -> None:
    if name.partition(":")[0].endswith(_CODE) or name.startswith(("exec:", "python:", "langfuse:", "portkey:", "http")):
        raise ConfigError(f"`{name[:60]}` is made by code or kept elsewhere")


def _prompt_content(text: str) -> Node:
    """Return `messages` for a chat in JSON, else `template`. Nunjucks' `dump` is Jinja's `tojson`."""
    source = re.sub(r"\|\s*dump\b", "| tojson", text.strip())
    try:
        chat = parse_json(source)
    except JsonError:
        compile_template(source)
        if source.startswith("[") and '"role"' in source:
            raise ConfigError("a chat that is put together by a template") from None
        return {"template": source}
    if not isinstance(chat, list) or not all(isinstance(node(part).get("content"), str) for part in chat):
        raise ConfigError("not a list of messages with text")
    for part in chat:
        compile_template(str(node(part)["content"]))
    return {"messages": [{"role": node(part).get("role", "user"), "content": node(part)["content"]} for part in chat]}


def _combinations(variables: Node) -> list[Node]:
    """Multiply out variables that are lists of texts, as promptfoo does; other lists stay whole."""
    lists = {k: v for k, v in variables.items() if isinstance(v, list) and v and isinstance(v[0], str)}
    product = list(itertools.islice(itertools.product(*lists.values()), MAX_CASES + 1))
    if len(product) > MAX_CASES:
        raise ConfigError(f"its variables multiply to more than {MAX_CASES:,} cases")
    return [{**variables, **dict(zip(lists, values, strict=True))} for values in product]


def _row(row: Node, path: str) -> Node:
    """Return the test of one row: `__expected` columns are assertions, the rest are variables."""
    if not path.endswith((".csv", ".tsv")):
        return row if {"vars", "assert"} & set(row) else {"vars": row}
    asserts: list[Json] = [
        _expected(str(value)) for key, value in row.items() if key.startswith("__expected") and value
    ]
    variables = {key: value for key, value in row.items() if not key.startswith("__")}
    named = {"description": row["__description"]} if row.get("__description") else {}
    return {"vars": variables, "assert": asserts, **named}


def _expected(text: str) -> Node:
    """Read `type: value` or `type(threshold): value`; anything else is compared as it stands."""
    match = re.match(
        r"(?P<type>(?:not-)?[a-z][a-z-]*)(?:\((?P<threshold>[\d.]+)\))?(?::\s*(?P<value>.*))?$", text, re.DOTALL
    )
    if match is None or (match["value"] is None and match["type"] not in {"is-json", "is-refusal", "latency", "cost"}):
        return {"type": "equals", "value": text}
    return {"type": match["type"], "value": match["value"], "threshold": match["threshold"]}
