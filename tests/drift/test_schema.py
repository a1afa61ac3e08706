"""What is generated is current."""

from __future__ import annotations

import json

import jsonschema
import pytest

from pinward.core.documents import load_yaml
from scripts.generate_schema import ROOT, generated
from tests.unit.config.test_project import WHOLE


@pytest.mark.parametrize("name", sorted(generated()))
def test_the_committed_file_is_what_the_code_generates(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == generated()[name]


def test_an_editor_with_the_schema_takes_what_the_program_takes() -> None:
    schema = json.loads((ROOT / "schema/pinward.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(load_yaml(WHOLE, "x").value, schema)
