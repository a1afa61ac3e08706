"""Hooks of MkDocs (mkdocs.yml): pages by folder in the navigation, and links that leave docs/ lead to the repository.

MkDocs calls the functions by name: https://www.mkdocs.org/user-guide/configuration/#hooks.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
FOLDERS = {"Rules": "rules", "Graders": "graders", "Decisions": "decisions"}
_LINK = re.compile(r"\]\((?P<target>[^)#\s:]+)(?P<anchor>#[^)\s]*)?\)")


def on_config(config: Any) -> Any:
    """Add one section a folder of small pages, its README first."""
    for title, folder in FOLDERS.items():
        pages = sorted(DOCS.glob(f"{folder}/*.md"), key=lambda path: (path.name != "README.md", path.name))
        config.nav.append({title: [f"{folder}/{path.name}" for path in pages]})
    return config


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:  # noqa: ARG001 -- MkDocs names them
    """Return a page whose links to files beside docs/ lead to the repository. One to nowhere is left to fail."""
    return _LINK.sub(lambda link: _outward(link, page.file.src_uri, config.repo_url), markdown)


def _outward(link: re.Match[str], source: str, repository: str) -> str:
    path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(source), link["target"]))
    if path.startswith("docs/") or not (DOCS.parent / path).exists():
        return link[0]
    kind = "tree" if (DOCS.parent / path).is_dir() else "blob"
    return f"]({repository.rstrip('/')}/{kind}/main/{path}{link['anchor'] or ''})"
