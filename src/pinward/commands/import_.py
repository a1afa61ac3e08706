"""`pinward import FILE`: write the suites and prompts of another tool as Pinward's own files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pinward.commands.written import Written, as_yaml
from pinward.core.tree import Tree
from pinward.errors import ExitCode, UsageError
from pinward.evals.importers.base import Draft
from pinward.evals.importers.judged import without_judge
from pinward.evals.importers.table import import_file
from pinward.evals.suite import load_suite
from pinward.prompts.registry import load_prompts
from pinward.render.text import console

INLINE = 200  # cases; a longer suite stands in JSON lines beside it


@dataclass(frozen=True, slots=True)
class Source:
    """The foreign file, its format where the user names it, and whether a policy names a judge for what asks one."""

    path: str
    form: str | None = None
    judge: bool = True


def run(tree: Tree, root: Path, source: Source, out: TextIO) -> ExitCode:
    """Write the imported files beside the foreign one and list what could not be carried.

    Raises `ConfigError` for a file that cannot be imported, `UsageError` where a file would be overwritten.
    """
    path = source.path
    imported = import_file(tree, path, source.form)
    folder = path.rpartition("/")[0]
    stem = re.sub(r"\.(prompt\.ya?ml|ya?ml|json)$", "", path.rpartition("/")[2])
    written = 0
    drafts = imported.drafts if source.judge else tuple(without_judge(draft) for draft in imported.drafts)
    for number, draft in enumerate(drafts, 1):
        name = stem if len(drafts) == 1 else f"{stem}-{number}"
        out.writelines(f"not carried: {console(note)}\n" for note in draft.notes)
        if not draft.cases:
            out.write(f"{console(draft.name)}: nothing to run\n")
            continue
        files = _files(draft, f"{folder}/{name}".lstrip("/"))
        _check(tree, files)
        _write(root, files)
        written += 1
        out.write(f"{console(draft.name)}: {len(draft.cases)} cases -> {console(', '.join(files))}\n")
    if not written:
        raise UsageError(f"{path}: nothing in it can be run here", "The lines above say why.")
    return ExitCode.OK


def _files(draft: Draft, base: str) -> dict[str, str]:
    suite = draft.suite
    files: dict[str, str] = {}
    if len(draft.cases) > INLINE:
        files[f"{base}.cases.jsonl"] = "".join(f"{json.dumps(case, ensure_ascii=False)}\n" for case in draft.cases)
        suite["cases"] = f"{base}.cases.jsonl".rpartition("/")[2]
    files[f"{base}.suite.yml"] = as_yaml(suite)
    if draft.prompts:
        files[f"{base}.prompts.yml"] = as_yaml(draft.prompts)
    return files


def _check(tree: Tree, files: dict[str, str]) -> None:
    written = Written(tree, files)
    for path in files:
        if path.endswith(".suite.yml"):
            load_suite(written, path)
        elif path.endswith(".prompts.yml"):
            load_prompts(written, path)


def _write(root: Path, files: dict[str, str]) -> None:
    taken = next((path for path in files if (root / path).exists()), None)
    if taken is not None:
        raise UsageError(f"{taken} exists", "Move it away, or import into another folder.")
    for path, text in files.items():
        (root / path).write_text(text, encoding="utf-8")
