"""Files of other tools in the place of our own: a suite or a prompt file may be named as it is.

They are read as `pinward import` reads them; what cannot be carried comes back as notes, never in silence.
"""

from __future__ import annotations

from pinward.core.documents import Document
from pinward.core.tree import Tree, read_document
from pinward.errors import ConfigError
from pinward.evals.importers.base import Draft
from pinward.evals.importers.table import recognise
from pinward.prompts.registry import PromptFile, read_prompts


def foreign_draft(tree: Tree, document: Document) -> Draft | None:
    """Return what a file of another tool holds, None for a file of our own.

    Raises `ConfigError` where it holds several suites, or nothing that can be run.
    """
    importer = recognise(document.path, document)
    if importer is None:
        return None
    drafts = importer.read(tree, document)
    if len(drafts) != 1:
        raise ConfigError(
            f"{document.path}: holds {len(drafts)} suites of {importer.name}",
            f"Run `pinward import {document.path}` and name one of what it writes.",
        )
    return drafts[0]


def load_prompts(tree: Tree, path: str) -> PromptFile:
    """Read a prompt file, ours or another tool's. Raises `ConfigError` with file, line, key and what to write."""
    document = read_document(tree, path)
    draft = foreign_draft(tree, document)
    if draft is None:
        return read_prompts(document, tree)
    if draft.prompts is None:
        raise ConfigError(f"{path}: holds no prompt that can be used here", "; ".join(draft.notes[:3]))
    return read_prompts(Document(path, draft.prompts), tree)
