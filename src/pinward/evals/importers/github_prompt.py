"""GitHub Models: `*.prompt.yml` (docs.github.com, "Storing prompts in GitHub repositories")."""

from __future__ import annotations

from pinward.core.documents import Document
from pinward.core.policy import Json
from pinward.core.strict_json import JsonError, parse_json
from pinward.core.tree import Tree
from pinward.errors import ConfigError
from pinward.evals.graders.base import mapping
from pinward.evals.importers.base import Check, Draft, Texts
from pinward.evals.importers.judged import by_range, by_rubric

_BUILTIN = {
    "similarity": "How far does ANSWER say the same as REFERENCE?",
    "coherence": "How far do the sentences of ANSWER follow from each other and make one whole?",
    "fluency": "How far is ANSWER written in correct, natural language?",
    "relevance": "How far does ANSWER answer INPUT, the whole of it and nothing else?",
    "groundedness": "How far is everything that ANSWER states found in INPUT?",
}
_STRINGS = {"equals": "equals", "contains": "contains", "startsWith": "starts_with", "endsWith": "ends_with"}
_PARAMS = {
    "temperature": "temperature",
    "maxTokens": "max_tokens",
    "maxCompletionTokens": "max_tokens",
    "topP": "top_p",
}


class GitHubPrompt:
    """Recognises a file by `messages` beside `testData`, `evaluators` or `modelParameters`, or by its name."""

    name = "github-prompt"

    def recognises(self, path: str, document: Document) -> bool:
        """Tell whether a file is a prompt of GitHub Models."""
        value = document.value
        if not isinstance(value, dict) or not isinstance(value.get("messages"), list):
            return False
        return path.endswith((".prompt.yml", ".prompt.yaml")) or bool(
            {"testData", "evaluators", "modelParameters"} & set(value)
        )

    def read(self, tree: Tree, document: Document) -> list[Draft]:  # noqa: ARG002 # the signature is the Protocol's
        """Return one suite."""
        root = document.value if isinstance(document.value, dict) else {}
        draft = Draft(str(root.get("name") or self.name))
        draft.versions.append(_version(root, draft))
        evaluators = [entry for entry in _list(root.get("evaluators")) if isinstance(entry, dict)]
        for number, row in enumerate(_list(root.get("testData")), 1):
            _case(draft, row, evaluators, f"testData {number}")
        draft.complete_inputs()
        return [draft]


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _version(root: dict[str, Json], draft: Draft) -> dict[str, Json]:
    messages = [part for part in _list(root.get("messages")) if isinstance(part, dict)]
    version: dict[str, Json] = {
        "version": 1,
        "messages": [{"role": part.get("role"), "content": part.get("content")} for part in messages],
    }
    written = root.get("modelParameters")
    parameters = written if isinstance(written, dict) else {}
    known: dict[str, Json] = {_PARAMS[key]: value for key, value in parameters.items() if key in _PARAMS}
    for key in sorted(set(parameters) - set(_PARAMS)):
        draft.note("modelParameters", f"`{key}` is left out")
    if root.get("responseFormat") == "json_schema":
        version["response_schema"] = _schema(root.get("jsonSchema"), draft)
    elif root.get("responseFormat") == "json_object":
        known["response_format"] = {"type": "json_object"}
    return {**version, "params": known} if known else version


def _schema(value: Json, draft: Draft) -> Json:
    try:
        parsed = parse_json(value) if isinstance(value, str) else value
    except JsonError as error:
        draft.note("jsonSchema", f"is not valid JSON: {error}")
        return None
    wrapped = parsed.get("schema", parsed) if isinstance(parsed, dict) else None
    return wrapped if isinstance(wrapped, dict) else None


def _case(draft: Draft, row: Json, evaluators: list[dict[str, Json]], where: str) -> None:
    variables = row if isinstance(row, dict) else {}
    checks: list[Json] = []
    for entry in evaluators:
        try:
            checks.append(_check(entry, variables))
        except ConfigError as error:
            draft.note(where, f"evaluator `{entry.get('name')}`: {error.message}")
    if not checks:
        draft.note(where, "left out: no evaluator that can be carried, so any answer would pass")
        return
    case: dict[str, Json] = {"input": variables, "checks": checks}
    if "expected" in variables:
        case["expected"] = variables["expected"]
    draft.add(case, where)


def _check(entry: dict[str, Json], variables: dict[str, Json]) -> Check:
    if isinstance(entry.get("uses"), str):
        return _builtin(str(entry["uses"]))
    if isinstance(entry.get("llm"), dict):
        return _judged(mapping(entry["llm"]), variables)
    strings = entry.get("string")
    if not isinstance(strings, dict) or len(strings) != 1 or not set(strings) <= set(_STRINGS):
        kind = next((key for key in ("llm", "uses", "string") if key in entry), "evaluator")
        raise ConfigError(f"`{kind}` has no counterpart")
    key, value = next(iter(strings.items()))
    filled = Texts(variables).fill(value)
    if not isinstance(filled, str) or not filled:
        raise ConfigError("its text is empty")
    return {_STRINGS[key]: filled}


def _builtin(name: str) -> Check:
    """GitHub's own evaluators give 1 to 5 by prompts that are not published as a contract: ours ask the same thing."""
    rubric = _BUILTIN.get(name.removeprefix("github/"))
    if rubric is None:
        raise ConfigError(f"`{name[:60]}` has no counterpart")
    return by_range(f"{rubric} 1 is not at all, 5 is entirely.", 1, 5, 3)


def _judged(written: dict[str, Json], variables: dict[str, Json]) -> Check:
    """An evaluator by a model: its choices and their scores."""
    choices = [mapping(choice) for choice in _list(written.get("choices"))]
    filled = Texts({**variables, "completion": "(see ANSWER)"}).fill(written.get("prompt"))
    if not isinstance(filled, str):
        raise ConfigError("its prompt is no text")
    return by_rubric(filled, labels={str(choice.get("choice")): choice.get("score") for choice in choices})
