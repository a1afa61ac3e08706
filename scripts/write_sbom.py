"""Write what an image holds as CycloneDX 1.6 JSON: Debian's packages and Python's distributions, with their versions.

Runs inside the image with its own Python, so that the list is what is there and not what was asked for. Usage:

    docker run --rm --interactive --entrypoint /opt/pinward/bin/python IMAGE - NAME VERSION < scripts/write_sbom.py
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

STATUS = Path("/var/lib/dpkg/status")


def debian(status: str) -> Iterator[dict[str, Any]]:
    """Yield the installed packages of dpkg's status file (deb-control(5): paragraphs of `Field: value`)."""
    for paragraph in status.split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version|Status|Architecture): (.+)$", paragraph, re.MULTILINE))
        if fields.get("Status") == "install ok installed":
            name, version = fields["Package"], fields["Version"]
            yield component(name, version, f"pkg:deb/debian/{name}@{version}?arch={fields['Architecture']}")


def python() -> Iterator[dict[str, Any]]:
    """Yield the distributions that the running Python can import."""
    for found in importlib.metadata.distributions():
        name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
        yield component(name, found.version, f"pkg:pypi/{name}@{found.version}")


def component(name: str, version: str, purl: str) -> dict[str, Any]:
    """Return one component; its package URL identifies it (github.com/package-url/purl-spec)."""
    return {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}


def main(name: str, version: str) -> None:
    """Print the document."""
    found = [*debian(STATUS.read_text(encoding="utf-8") if STATUS.exists() else ""), *python()]
    subject = {"type": "container", "name": name, "version": version, "bom-ref": f"{name}@{version}"}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": subject},
        "components": sorted(found, key=lambda component: str(component["purl"])),
    }
    json.dump(document, sys.stdout, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:3])
