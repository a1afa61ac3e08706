"""Print the licences of what is installed, and fail where one is not allowed.

Runs in an environment that holds exactly what the lock names (`make release-check`):

    ENVIRONMENT/bin/python scripts/check_licences.py
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterable, Mapping

# SPDX identifiers. Only licences under which an Apache-2.0 program may ship with its image.
ALLOWED = {
    *("MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "BSD", "Apache-2.0", "ISC", "PSF-2.0", "CNRI-Python"),
    "MPL-2.0",  # certifi: a file of certificates, unchanged
}
# Copyleft that ends at the library's border: it is used as it comes, and anybody can put another version in its place.
ALLOWED_FOR: Mapping[str, set[str]] = {"pygithub": {"LGPL"}}
# What packages without an SPDX expression write into `License` and the classifiers.
SPELLINGS: Mapping[str, str] = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
}
TOOLS = {"pip", "setuptools", "wheel", "pinward"}  # what an environment is made with, and ourselves


def stated(expression: str | None, licence: str | None, classifiers: Iterable[str]) -> str:
    """Return a distribution's licence as an SPDX expression, as far as it states one; empty where it does not.

    `License-Expression` is the standard (packaging.python.org/specifications/core-metadata); the other two are older.
    """
    if expression:
        return expression
    named = [
        c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License ::") and c != "License :: OSI Approved"
    ]
    named = named or [licence.strip()] if licence and "\n" not in licence.strip() else named
    return " AND ".join(SPELLINGS.get(name, name) for name in named)


def is_allowed(name: str, expression: str) -> bool:
    """Tell whether one side of each `OR` consists of allowed licences alone."""
    known = ALLOWED | ALLOWED_FOR.get(name, set())
    choices = [re.split(r"\s+AND\s+", choice.strip("() ")) for choice in re.split(r"\s+OR\s+", expression)]
    return bool(expression) and any(all(part.strip("() ") in known for part in choice) for choice in choices)


def main() -> int:
    """Print a row a distribution; 1 where a licence is not allowed or not stated."""
    refused = []
    for found in sorted(importlib.metadata.distributions(), key=lambda d: d.metadata["Name"].lower()):
        about = found.metadata
        name = re.sub(r"[-_.]+", "-", about["Name"]).lower()
        if name in TOOLS:
            continue
        spdx, licence = ((about.get_all(name) or [None])[0] for name in ("License-Expression", "License"))
        expression = stated(spdx, licence, about.get_all("Classifier") or ())
        if not is_allowed(name, expression):
            refused.append(name)
        print(f"{name} {found.version}: {expression or 'states no licence'}{' NOT ALLOWED' if name in refused else ''}")
    return bool(refused)


if __name__ == "__main__":
    sys.exit(main())
