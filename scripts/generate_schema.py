"""Write the generated JSON Schemas below schema/; `--check` only compares. Run after changing config/schema.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pinward.config.schema import json_schema
from pinward.core.report import GateReport

FOLDER = Path(__file__).parents[1] / "schema"


def generated() -> dict[str, str]:
    """Return file name -> text of every schema."""
    report = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | GateReport.model_json_schema()
    schemas = {"pinward.schema.json": json_schema(), "report.schema.json": report}
    return {name: json.dumps(schema, indent=2) + "\n" for name, schema in schemas.items()}


def main() -> int:
    """Write or compare; 1 where a file is out of date."""
    stale = []
    for name, text in generated().items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    print("out of date:" if stale else "up to date", *stale)
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
