"""Reads the checks of a suite: each is known and its argument usable before any model is called."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from pinward.core.evidence import Check
from pinward.core.fields import Field, located, suggestion
from pinward.core.policy import Json
from pinward.core.tree import Tree, locate, read_document
from pinward.evals.graders.table import GRADERS


@dataclass(frozen=True, slots=True)
class CheckReader:
    """Reads checks of one suite file; files that they name are read from the same tree."""

    tree: Tree
    suite: str

    def read(self, field: Field, expected: Json) -> tuple[Check, ...]:
        """Return the checks of a list; `expected` is the case's expected value."""
        return tuple(self._check(item, expected) for item in field.items("[json_valid, {contains: ACME}]"))

    def _check(self, field: Field, expected: Json) -> Check:
        name_field, weight = self._name(field)
        name = str(name_field.path[-1]) if name_field is not field else str(field.value)
        grader = GRADERS.get(name)
        if grader is None:
            raise name_field.error(f"unknown check `{name}`", suggestion(name, GRADERS))
        argument = None if name_field is field else name_field.value
        prepared = located(name_field, lambda: grader.prepare(argument, expected, self._file))
        located(name_field, lambda: grader.validate(prepared))
        return Check(grader.name, prepared, sys.intern(name_field.where), weight)

    def _name(self, field: Field) -> tuple[Field, float]:
        """Return the field whose key is the check's name (the field itself where it is a bare name), and the weight."""
        if isinstance(field.value, str):
            return field, 1.0
        keys = field.mapping("- contains: ACME")
        weight = keys.pop("weight").number(0.001, 1000) if "weight" in keys else 1.0
        if len(keys) != 1:
            names = ", ".join(keys) or "none"
            raise field.error(f"must name one check, found {names}", "Begin each check with its own `- `.")
        return next(iter(keys.values())), weight

    def _file(self, path: str) -> Json:
        return read_document(self.tree, locate(self.tree, self.suite, path)).value
