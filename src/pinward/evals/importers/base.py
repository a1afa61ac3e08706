"""What every importer gives: suites and prompts in Pinward's own form, and all that it could not carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pinward.core.documents import Document
from pinward.core.policy import Json
from pinward.core.tree import Tree
from pinward.core.visible import brief
from pinward.prompts.sandbox import render_template, template_variables


@dataclass
class Draft:
    """One suite that is being imported. `notes` lists, one by one, what could not be carried."""

    name: str
    cases: list[dict[str, Json]] = field(default_factory=list)
    versions: list[dict[str, Json]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    def note(self, where: str, what: str) -> None:
        """List something that is left behind."""
        self.notes.append(f"{where}: {what}")

    def add(self, case: dict[str, Json], name: str = "") -> None:
        """Add a case; a name that stands twice gets a number."""
        base = " ".join(brief(name, 100).split()) or f"case {len(self.cases) + 1}"
        number, chosen = self.ids.get(base, 1), base
        while chosen in self.ids:
            number += 1
            chosen = f"{base} ({number})"
        self.ids[base] = number
        self.ids.setdefault(chosen, 1)
        self.cases.append({"id": chosen, **case})

    def complete_inputs(self) -> None:
        """Give every case the variables that a prompt reads: where they are missing, the foreign tools read nothing."""
        sources = [str(v.get("template", "")) for v in self.versions]
        sources += [str(part.get("content")) for v in self.versions for part in _mappings(v.get("messages"))]
        names = {name for source in sources for name in template_variables(source)} - {"input"}
        for case in self.cases:
            if isinstance(case["input"], dict):
                case["input"] = {**dict.fromkeys(sorted(names), ""), **case["input"]}

    @property
    def suite(self) -> dict[str, Json]:
        """Return the suite as its file would hold it."""
        return {"version": 1, "cases": list[Json](self.cases)}

    @property
    def prompts(self) -> dict[str, Json] | None:
        """Return the prompt file's content, None where the cases carry their own messages."""
        return {"versions": list[Json](self.versions)} if self.versions else None


def _mappings(value: Json) -> list[dict[str, Json]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


class Importer(Protocol):
    """Reads one foreign format."""

    name: str

    def recognises(self, path: str, document: Document) -> bool:
        """Tell whether a file is of this format."""
        ...

    def read(self, tree: Tree, document: Document) -> list[Draft]:
        """Return the suites of a file. Raises `ConfigError` where it cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Texts:
    """Fills `{{ name }}` of foreign texts from a case's variables."""

    variables: Mapping[str, Json]

    def fill(self, value: Json) -> Json:
        """Fill all texts of a value. Raises `ConfigError` for a template that cannot be rendered."""
        if isinstance(value, str) and "{" in value:
            known = {**dict.fromkeys(template_variables(value), ""), **self.variables}
            return render_template(value, known)
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        return {key: self.fill(item) for key, item in value.items()} if isinstance(value, dict) else value


Check = dict[str, Json]
