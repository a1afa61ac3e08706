"""Model-graded evals of openai/evals: `modelgraded_spec` names a prompt whose choices have scores."""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath

from pinward.core.policy import Json
from pinward.core.tree import Tree, read_document
from pinward.errors import ConfigError
from pinward.evals.importers.base import Check
from pinward.evals.importers.judged import FACT_LABELS, FACT_RUBRIC, by_range, by_rubric

Node = dict[str, Json]
_BLANK = re.compile(r"\{(\w+)\}")


class ModelGraded:
    """One eval's way of grading. Raises `ConfigError` where our judge cannot do the same."""

    def __init__(self, tree: Tree, path: str, args: Node) -> None:
        """`path` is the registry file that holds the eval."""
        self.name = str(args.get("modelgraded_spec") or "")
        if re.fullmatch(r"[\w.-]+", self.name) is None:
            raise ConfigError("names no `modelgraded_spec`")
        self._spec = _spec(tree, normpath(join(dirname(path), "..", "modelgraded")), self.name)
        self._args = args.get("modelgraded_spec_args")
        pairs = self._spec.get("input_outputs")
        if not isinstance(pairs, dict) or list(pairs.values()) != ["completion"]:
            raise ConfigError(f"`{self.name}` compares several answers")
        if self._spec.get("format_type", "in_message") != "in_message":
            raise ConfigError(f"`{self.name}` goes on with the conversation")

    def check(self, sample: Node) -> Check:
        """Return the judge for one sample."""
        if self.name == "fact":
            return by_rubric(FACT_RUBRIC, labels=FACT_LABELS, reference=_text(sample.get("ideal")))
        labels = self._labels()
        if self._spec.get("choice_scores") == "from_strings":
            try:
                numbers = [float(label) for label in labels]
            except ValueError:
                raise ConfigError(f"the choices of `{self.name}` are no numbers") from None
            low, high = min(numbers), max(numbers)
            return by_range(self._rubric(sample), low, high, (low + high) / 2)
        scores = self._spec.get("choice_scores")
        if not isinstance(scores, dict):
            raise ConfigError(f"the choices of `{self.name}` have no scores")
        return by_rubric(self._rubric(sample), labels={label: scores.get(label, 0) for label in labels})

    def _labels(self) -> list[str]:
        written = self._spec.get("choice_strings")
        labels = [str(part) for part in (written if isinstance(written, str | list) else ())]
        if len(labels) < 2:
            raise ConfigError(f"`{self.name}` makes up its choices at run time")
        return labels

    def _rubric(self, sample: Node) -> str:
        known = {**(self._args if isinstance(self._args, dict) else {}), **sample, "completion": "(see ANSWER)"}

        def fill(blank: re.Match[str]) -> str:
            if blank[1] not in known:
                raise ConfigError(f"the sample has no `{blank[1]}`, which `{self.name}` reads")
            return _text(known[blank[1]])

        prompt = self._spec.get("prompt")
        if not isinstance(prompt, str):
            raise ConfigError(f"the prompt of `{self.name}` is no text")
        return _BLANK.sub(fill, prompt)


def _spec(tree: Tree, folder: str, name: str) -> Node:
    for path in (
        f"{folder}/{name}.yaml",
        *(p for p in tree.paths() if p.startswith(f"{folder}/") and p.endswith(".yaml")),
    ):
        if tree.exists(path):
            root = read_document(tree, path).value
            found = root.get(name) if isinstance(root, dict) else None
            if isinstance(found, dict):
                return found
    raise ConfigError(f"there is no `{name}` in {folder}")


def _text(value: Json) -> str:
    if isinstance(value, list):
        return "\n".join(_text(part.get("content") if isinstance(part, dict) else part) for part in value)
    return value if isinstance(value, str) else "" if value is None else str(value)
