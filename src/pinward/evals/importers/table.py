"""The one table of importers, and the way from a foreign file to suites that are checked like any other."""

from __future__ import annotations

from dataclasses import dataclass

from pinward.core.documents import Document
from pinward.core.fields import suggestion
from pinward.core.policy import Json
from pinward.core.tree import Tree, read_document
from pinward.errors import ConfigError
from pinward.evals.importers.base import Draft, Importer
from pinward.evals.importers.github_prompt import GitHubPrompt
from pinward.evals.importers.openai_platform import OpenAIPlatform
from pinward.evals.importers.openai_registry import OpenAIRegistry
from pinward.evals.importers.promptfoo import Promptfoo

IMPORTERS: dict[str, Importer] = {
    importer.name: importer for importer in (GitHubPrompt(), OpenAIPlatform(), OpenAIRegistry(), Promptfoo())
}


@dataclass(frozen=True, slots=True)
class Import:
    """The suites of one foreign file, and the format that it is in."""

    format: str
    drafts: tuple[Draft, ...]


def import_file(tree: Tree, path: str, form: str | None = None) -> Import:
    """Read a foreign file; its format is recognised where none is named.

    Raises `ConfigError` where no importer knows the file or the file holds nothing.
    """
    if form is not None and form not in IMPORTERS:
        raise ConfigError(f"the format `{form}` is not known", suggestion(form, IMPORTERS))
    document = read_document(tree, path)
    importer = IMPORTERS[form] if form else recognise(path, document)
    if importer is None:
        raise ConfigError(
            f"{path}: no importer knows this file", f"Name its format: {', '.join(IMPORTERS)}; or map its columns."
        )
    drafts = importer.read(tree, document)
    if not drafts:
        raise ConfigError(f"{path}: holds no suite", f"Is it a file of {importer.name}?")
    return Import(importer.name, tuple(drafts))


def recognise(path: str, document: Document) -> Importer | None:
    """Return the importer of a document, None for Pinward's own files and for what nobody knows."""
    value: Json = document.value
    if isinstance(value, dict) and {"cases", "cases_from", "versions"} & set(value):
        return None
    return next((importer for importer in IMPORTERS.values() if importer.recognises(path, document)), None)
