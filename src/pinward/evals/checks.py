"""Reads the checks of a suite: each is known and its argument usable before any model is called."""

from __future__ import annotations

from dataclasses import dataclass, field

from pinward.core.documents import KeyPath
from pinward.core.evidence import Check
from pinward.core.fields import Field, located, suggestion
from pinward.core.policy import Json
from pinward.core.tree import Tree, locate, read_document
from pinward.evals.graders.table import GRADERS


@dataclass(frozen=True, slots=True)
class CheckReader:
    """Reads checks of one suite file; files that they name are read from the same tree, and once.

    A check of the defaults is one object in all cases that take it as it stands.
    """

    tree: Tree
    suite: str
    _files: dict[str, Json] = field(default_factory=dict, init=False)
    _known: dict[tuple[str, KeyPath], Check] = field(default_factory=dict, init=False)

    def read(self, checks: Field, expected: Json) -> tuple[Check, ...]:
        """Return the checks of a list; `expected` is the case's expected value."""
        return tuple(self._check(item, expected) for item in checks.items("[json_valid, {contains: ACME}]"))

    def _check(self, field: Field, expected: Json) -> Check:
        name_field, weight = self._name(field)
        name = str(name_field.path[-1]) if name_field is not field else str(field.value)
        grader = GRADERS.get(name)
        if grader is None:
            raise name_field.error(f"unknown check `{name}`", suggestion(name, GRADERS))
        argument = None if name_field is field else name_field.value
        prepared = located(name_field, lambda: grader.prepare(argument, expected, self._file))
        check = Check(grader.name, prepared, name_field.where, weight)
        place = (name_field.document.path, name_field.path)
        known = self._known.get(place)
        # Only the same object is the same argument: `True == 1`.
        if known is not None and known.argument is prepared and known == check:
            return known
        located(name_field, lambda: grader.validate(prepared))
        self._known[place] = check
        return check

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
        if path not in self._files:
            self._files[path] = read_document(self.tree, locate(self.tree, self.suite, path)).value
        return self._files[path]
